/** The page's looks. Colours keep their contrast in both schemes; float and int8 have one each everywhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2329; --soft: #5b6670; --line: #dfe3e6; --track: #edf0f2;
  --float: #2f6db5; --int8: #c2570c; --activation: #1f8a70; --bad: #c01f2e; --good: #1a7f4b;
  --part0: #c2570c; --part1: #a5861a; --part2: #1f8a70; --part3: #8757b8; --part4: #8a949d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --card: #1b2127; --ink: #e4e8eb; --soft: #9aa6b0; --line: #303942; --track: #262e35;
    --float: #6aa8ee; --int8: #f0924c; --activation: #4fc3a4; --bad: #ff6b76; --good: #58c78c;
    --part0: #f0924c; --part1: #dcbb4a; --part2: #4fc3a4; --part3: #bb92e8; --part4: #7d8993;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; overflow-wrap: break-word; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
}
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 40px; }
footer { padding-bottom: 48px; color: var(--soft); font-size: 14px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 52px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 22px; line-height: 1.3; }
h3 { margin: 24px 0 6px; font-size: 16px; overflow-wrap: anywhere; }
h4 { margin: 0 0 4px; font-size: 14px; color: var(--soft); }
p { margin: 8px 0; max-width: 72ch; }
ul { margin: 8px 0; padding-left: 20px; }
small, .note { color: var(--soft); font-weight: 400; font-size: 13px; }
code { font: 0.92em ui-monospace, 'SFMono-Regular', Menlo, 'DejaVu Sans Mono', monospace; }
.lead { color: var(--soft); overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 24px 0 0; padding: 0; }
.tiles div { min-width: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-size: 12px; font-weight: 400; }
th, td { padding: 4px 0; vertical-align: middle; }
.number { padding-left: 12px; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bars { table-layout: fixed; margin: 8px 0 12px; }
.bars th:first-child { width: 34%; padding-right: 12px; }
.bars .number { width: 104px; }
.bars th small { display: block; }
.bar, .stack { display: block; }
.stack { margin: 8px 0; border-radius: 5px; }
.legend { max-width: 560px; }
.legend .total th, .legend .total td { border-top: 1px solid var(--line); font-weight: 600; }
.track { fill: var(--track); }
.fill.int8, .point.int8 { fill: var(--int8); }
.fill.float, .point.float { fill: var(--float); }
.fill.bad { fill: var(--bad); }
.part0 { fill: var(--part0); } .part1 { fill: var(--part1); } .part2 { fill: var(--part2); }
.part3 { fill: var(--part3); } .part4 { fill: var(--part4); }
.verdict { margin-left: 4px; font-size: 13px; font-weight: 600; }
.verdict.good { color: var(--good); }
.verdict.bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); gap: 16px; margin: 16px 0; }
.card { min-width: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card h3 { margin: 0; }
.card > .note { margin: 0; }
.card .bars { margin-bottom: 0; }
.board .bars th:first-child { width: 68px; }
.board .bars .number { width: 152px; }
.layers { grid-template-columns: 1fr; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(240px, 100%), 1fr)); gap: 0 20px; }
@media (min-width: 700px) {
  .layers { grid-template-columns: 1fr 1fr; grid-auto-flow: dense; }
  .figures2, .figures3 { grid-column: span 2; }
}
@media (min-width: 1000px) {
  .layers { grid-template-columns: 1fr 1fr 1fr; }
  .figures3 { grid-column: span 3; }
}
figure { margin: 12px 0 0; min-width: 0; }
figcaption { font-size: 13px; line-height: 1.45; overflow-wrap: anywhere; }
svg text { font: 10.5px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; fill: var(--soft); }
.histogram { display: block; width: 100%; height: auto; }
.weight { fill: var(--int8); }
.activation { fill: var(--activation); }
.cut { fill: var(--bad); }
.grid { stroke: var(--line); }
.axis { stroke: var(--soft); }
.clip { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
.swatch { white-space: nowrap; font-weight: 500; }
.swatch.clip { border-bottom: 2px dashed var(--bad); }
.swatch.cut { color: var(--bad); }
.measured { margin-top: 20px; padding: 12px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.measured h3 { margin: 0; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 16px; }
.maps figcaption { text-align: center; color: var(--soft); }
.map { display: block; width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; touch-action: manipulation; }
.map text { fill: var(--ink); fill-opacity: 0.75; pointer-events: none; }
.point { fill-opacity: 0.6; stroke: transparent; stroke-width: 6; cursor: pointer; }
.searching .point { fill-opacity: 0.18; }
.searching .names { opacity: 0.12; }
.point.both { fill: var(--good); fill-opacity: 1; }
.point.only-float { fill: var(--float); fill-opacity: 1; }
.point.only-int8 { fill: var(--int8); fill-opacity: 1; }
.point.self { fill: var(--ink); fill-opacity: 1; }
.map .found text { font-size: 12px; font-weight: 600; fill-opacity: 1; stroke: var(--card); stroke-width: 3px; paint-order: stroke; }
.map .found text.both { fill: var(--good); }
.map .found text.only-float { fill: var(--float); }
.map .found text.only-int8 { fill: var(--int8); }
.map .found text.self { font-size: 15px; fill: var(--ink); }
.neighbours { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; margin-top: 12px; min-height: 280px; align-content: start; }
.neighbours div { min-width: 0; }
.neighbours p { grid-column: 1 / -1; }
.neighbours ol { margin: 0; padding-left: 26px; font-size: 14px; }
.neighbours li bdi { white-space: pre-wrap; font-weight: 500; }
bdi.both, .swatch.both { color: var(--good); }
bdi.only-float, .swatch.only-float { color: var(--float); }
bdi.only-int8, .swatch.only-int8 { color: var(--int8); }
.hash { overflow-wrap: anywhere; }
.finder { margin: 12px 0; font-size: 14px; }
.finder input { font: inherit; width: 14em; max-width: 60%; padding: 4px 8px; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
@media (max-width: 560px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  .bars th:first-child { width: 40%; }
  .bars .number { width: 84px; }
}
@media print { .finder, .neighbours { display: none; } .card { break-inside: avoid; } }
`;
