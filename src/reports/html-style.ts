/**
 * Styles of the report: light and dark, narrow and wide, and print. Contrast of text is at least 4.5 : 1 in both, of lines and
 * marks 3 : 1.
 */
export const STYLE = `
:root{--page:#f6f7f8;--ink:#1b1f24;--soft:#525a63;--line:#d5d8dc;--card:#fff;--pass:#00664a;--warn:#8a5200;--fail:#b03a00;--link:#005a9c}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--ink:#e8eaed;--soft:#a9b0b8;--line:#3a4047;--card:#1d2125;--pass:#4fd0a4;--warn:#f0b04a;--fail:#ff8b52;--link:#7cc0f4}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:baseline;padding:.6rem max(1rem,calc(50vw - 31rem));background:var(--page);border-bottom:1px solid var(--line)}
h1{font-size:1.15rem;margin:0;overflow-wrap:anywhere;max-height:3.2em;overflow:hidden}
nav{display:flex;flex-wrap:wrap;gap:0 1rem}
nav a{padding:.15rem 0}
a{color:var(--link)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;z-index:3;background:var(--page)}
main{max-width:64rem;margin:0 auto;padding:0 1rem 4rem}
h2{font-size:1.4rem;margin:2.5rem 0 1rem;padding-bottom:.25rem;border-bottom:2px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.question{font-size:1.15rem;max-width:46rem;overflow-wrap:anywhere}
.verdict{font-size:1.2rem;font-weight:600}
.pass{--tone:var(--pass)}.warn,.inconclusive{--tone:var(--warn)}.fail{--tone:var(--fail)}
.verdict,.sign,.verdicts strong{color:var(--tone)}
.verdicts{list-style:none;padding:0;margin:0 0 1rem}
.verdicts li{display:flex;gap:.7rem;padding:.5rem .7rem;border-left:4px solid var(--tone);background:var(--card);margin-bottom:.4rem;overflow-wrap:anywhere}
.verdicts li>div{min-width:0}
.sign{font-weight:700;width:1rem;flex:none}
.observed{font-weight:600;white-space:nowrap}
code{font:0.9em ui-monospace,monospace;overflow-wrap:anywhere}
.note,.says,.sorts{color:var(--soft);font-size:.9rem;margin:.2rem 0;overflow-wrap:anywhere}
.says{min-height:1.5em;font-variant-numeric:tabular-nums}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.7rem;margin:1.2rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;min-width:0}
.card .name{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}.card .value{font-size:1.45rem;font-weight:600}
p,li,summary{overflow-wrap:anywhere}
figure{margin:1.5rem 0 2rem;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:6px}
figcaption h3{margin:0 0 .6rem}
.plot{overflow-x:auto}.plot svg{display:block;width:100%;min-width:40rem;height:auto}
.plot .part{stroke:var(--card)}.plot .cursor{stroke:var(--ink);stroke-width:1;fill:none;pointer-events:none}
.wide{overflow:auto;max-height:24rem}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--link)}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;font-weight:500}thead th{position:sticky;top:0;background:var(--card);color:var(--soft)}
section>.wide thead th{background:var(--page)}
tbody th{max-width:28rem;overflow:hidden;text-overflow:ellipsis}
button{font:inherit;color:var(--link);background:none;border:0;padding:.1rem .2rem;cursor:pointer;text-decoration:underline}
[aria-sort=ascending] button::after{content:' ▲'}[aria-sort=descending] button::after{content:' ▼'}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.3rem 1.2rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:40rem){header{position:static}html{scroll-padding-top:0}h2{font-size:1.25rem}figure{padding:.7rem;margin-inline:-.4rem}.observed{white-space:normal}dl{grid-template-columns:minmax(0,1fr)}dt{margin-top:.4rem}}
@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--soft:#444;--line:#bbb;--card:#fff;--pass:#00664a;--warn:#8a5200;--fail:#b03a00;--link:#000}body{font-size:10.5pt}header{position:static}nav,.skip,.says,.sorts,.cursor,details:not([open]){display:none}figure,.card,li{break-inside:avoid}figure{padding:0;border:0}h2,h3{break-after:avoid}.plot{overflow:visible}.plot svg{min-width:0;max-height:22cm}.wide{max-height:none;overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.trim();
