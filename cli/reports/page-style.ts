/** Style of the findings page: light and dark, from a phone's width, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1d2733; --muted: #55616e; --line: #d9e0e7; --back: #fff; --panel: #f4f6f9; --notice: #fdf3d8; --link: #0b57b0;
  --CRITICAL: #8b1a1a; --HIGH: #c0341d; --MEDIUM: #8f5a00; --LOW: #6a6300; --INFORMATIONAL: #456079; --UNRATED: #5c5c5c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --text: #e4e9ee; --muted: #a3aeb9; --line: #3a444e; --back: #14191f; --panel: #1f262d; --notice: #3a300f; --link: #8ab8f0;
    --CRITICAL: #ff7d7d; --HIGH: #ff9d70; --MEDIUM: #edb84c; --LOW: #d6cc5c; --INFORMATIONAL: #94b5d6; --UNRATED: #b5b5b5;
  }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1400px; padding: 1.5rem 1rem; color: var(--text); background: var(--back); }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .35rem 0; }
a { color: var(--link); }
.muted, small { color: var(--muted); }
.notice { background: var(--notice); border-radius: 6px; padding: .6rem .9rem; margin: 1rem 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 1rem; }
.chart { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; }
.chart ul { list-style: none; margin: 0; padding: 0; }
.chart li { display: grid; grid-template-columns: minmax(0, 11rem) 1fr 3rem; gap: .6rem; align-items: center; }
.chart li > :first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar { display: flex; height: .9rem; }
.bar i { min-width: 2px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
.severity { white-space: nowrap; }
th { background: var(--panel); white-space: nowrap; }
#findings th { position: sticky; top: 0; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th[aria-sort="ascending"] button::after { content: " ▲"; }
th[aria-sort="descending"] button::after { content: " ▼"; }
#findings td:nth-child(8) { white-space: nowrap; }
td small { display: block; }
form { margin: .5rem 0; }
input { font: inherit; width: min(100%, 24rem); padding: .35rem .6rem; color: inherit; background: var(--panel); border: 1px solid var(--muted); border-radius: 6px; }
@media (max-width: 720px) {
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  td { border: 0; padding: .1rem 0 .1rem 7rem; }
  td::before { content: attr(data-label); float: left; margin-left: -7rem; width: 6.5rem; color: var(--muted); }
  td.number { text-align: left; }
  tr[hidden], td:empty { display: none; }
}
@media print {
  body { font-size: 10px; max-width: none; padding: 0; }
  form { display: none; }
  #findings th { position: static; }
  tr, .chart { break-inside: avoid; }
  .bar i { print-color-adjust: exact; }
}
`;
