/** Styles of the report: light and dark, narrow and wide, and print. Contrast of text at least 4.5 : 1 in both. */
export const STYLE = `
:root{--page:#fbfbfa;--ink:#1b1f24;--soft:#565d66;--line:#d5d8dc;--card:#fff;--pass:#00664a;--warn:#8a5200;--fail:#b03a00;--link:#005a9c}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--ink:#e8eaed;--soft:#a9b0b8;--line:#3a4047;--card:#1d2125;--pass:#4fd0a4;--warn:#f0b04a;--fail:#ff8b52;--link:#7cc0f4}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:baseline;padding:.6rem max(1rem,calc(50vw - 30rem));background:var(--page);border-bottom:1px solid var(--line)}
h1{font-size:1.15rem;margin:0;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:0 1rem}
a{color:var(--link)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;z-index:2;background:var(--page)}
main{max-width:60rem;margin:0 auto;padding:0 1rem 4rem}
h2{font-size:1.4rem;margin:2.5rem 0 1rem;padding-bottom:.25rem;border-bottom:2px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
.question{font-size:1.15rem;max-width:46rem}
.verdict{font-size:1.2rem;font-weight:600}
.pass{--tone:var(--pass)}.warn,.inconclusive{--tone:var(--warn)}.fail{--tone:var(--fail)}
.verdict,.sign,.verdicts strong{color:var(--tone)}
.verdicts{list-style:none;padding:0;margin:0 0 1rem}
.verdicts li{display:flex;gap:.7rem;padding:.5rem .7rem;border-left:4px solid var(--tone);background:var(--card);margin-bottom:.4rem}
.sign{font-weight:700;width:1rem}
.observed{font-weight:600;white-space:nowrap}
code{font:0.9em ui-monospace,monospace;overflow-wrap:anywhere}
.note{color:var(--soft);font-size:.9rem;margin:.2rem 0}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(11.5rem,1fr));gap:.7rem;margin:1.2rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.card .name{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}.card .value{font-size:1.45rem;font-weight:600}
figure{margin:1.5rem 0 2rem;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:6px}
figcaption{font-weight:600;margin-bottom:.6rem;overflow-wrap:anywhere}
.plot{overflow-x:auto}.plot svg{display:block;width:100%;min-width:40rem;height:auto}
.wide{overflow:auto;max-height:24rem}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--link)}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;font-weight:500}thead th{position:sticky;top:0;background:var(--card);color:var(--soft)}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.3rem 1.2rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media print{:root{--page:#fff;--ink:#000;--soft:#444;--line:#bbb;--card:#fff;--pass:#00664a;--warn:#8a5200;--fail:#b03a00;--link:#000}body{font-size:11pt}header{position:static}nav,.skip,details:not([open]){display:none}figure,.card,li{break-inside:avoid}h2{break-after:avoid}.plot svg{min-width:0}.wide{max-height:none;overflow:visible}}
`.trim();
