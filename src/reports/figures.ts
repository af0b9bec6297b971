/** All figures of a bundle, by page and by name: the report shows them, `orrery export` writes them. */
import type { Bundle } from '../results/bundle.ts';
import { tableCsv } from './charts/table.ts';
import { capacityFigures } from './figures/capacity.ts';
import { costFigures } from './figures/cost.ts';
import { failureFigures } from './figures/failures.ts';
import type { Figure } from './figures/figure.ts';
import { packingFigures } from './figures/packing.ts';
import { serviceFigures } from './figures/service.ts';

/** A page of figures. */
export interface FigurePage {
  /** Anchor, letters only. */
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** Draws all figures. *Order*: of the pages in the report. */
export function figurePages(bundle: Bundle): readonly FigurePage[] {
  return [
    { id: 'capacity', title: 'Capacity', figures: capacityFigures(bundle) },
    { id: 'service', title: 'Service', figures: serviceFigures(bundle) },
    { id: 'cost', title: 'Cost', figures: costFigures(bundle) },
    { id: 'packing', title: 'Packing', figures: packingFigures(bundle) },
    { id: 'failures', title: 'Failures', figures: failureFigures(bundle) },
  ];
}

/** A figure as files. */
export interface FigureFiles {
  /** Unique, fit for a file name: letters, digits and hyphens. */
  readonly name: string;
  /** States the finding. */
  readonly title: string;
  /** A complete SVG document without the XML declaration. */
  readonly svg: string;
  /** The numbers behind it, in full and in base units: RFC 4180 with `\n` line ends. */
  readonly csv: string;
}

/** Lists all figures of a bundle as files. *Order*: of the report. */
export function figures(bundle: Bundle): FigureFiles[] {
  return figurePages(bundle).flatMap((page) =>
    page.figures.map(({ name, chart }) => ({
      name,
      title: chart.title,
      svg: chart.svg,
      csv: tableCsv(chart.table),
    })),
  );
}
