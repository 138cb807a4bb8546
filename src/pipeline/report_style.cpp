#include "report_style.h"

namespace preannotate::report {

const char* const kStyle = R"css(
:root {
  --paper: #fff; --panel: #f5f6f8; --rule: #dcdfe4; --ink: #1b1f24; --soft: #565f6b;
  --accent: #1f5fbf; --bar: #c9dcf7; --warn: #b34a00; --note: #fff6e3; --note-rule: #e0a93b;
  --hit: 46 108 208; --miss: 222 116 28;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1d2127; --rule: #363c45; --ink: #e7e9ec; --soft: #a9b1bc;
    --accent: #8fb8ff; --bar: #2c4670; --warn: #ffb074; --note: #2c2413; --note-rule: #a87a20;
    --hit: 62 112 205; --miss: 186 88 22;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, p, dd, li, figcaption { overflow-wrap: anywhere; }
th, td { overflow-wrap: break-word; }
h1 { font-size: clamp(1.7rem, 1.1rem + 2.6vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em;
     margin: .4rem 0 .8rem; text-wrap: balance; font-weight: 700; }
h1 .interval { color: var(--soft); font-weight: 400; font-size: .55em; letter-spacing: 0; }
h2 { font-size: 1.25rem; letter-spacing: -.01em; margin: 0 0 .6rem; line-height: 1.3; }
section, footer { margin-top: 3rem; }
section > p { max-width: 44rem; margin: 0 0 .9rem; }
.kind { margin: 0; font-weight: 600; color: var(--accent); }
.kind span { color: var(--soft); font-weight: 400; padding-left: .5em; }
.lede { font-size: 1.1rem; color: var(--soft); max-width: 44rem; margin: 0; }
.hint, figcaption, footer { color: var(--soft); font-size: .92rem; }
small { font-size: .85em; color: var(--soft); }

.tiles { display: flex; flex-wrap: wrap; gap: 1px;
         margin: 2rem 0 0; background: var(--rule); border: 1px solid var(--rule);
         border-radius: .6rem; overflow: hidden; }
.tile { flex: 1 1 9.5rem; background: var(--panel); padding: .9rem 1rem 1rem; }
.tile dt { font-size: .88rem; color: var(--soft); }
.tile dd { margin: 0; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.3; font-weight: 650; white-space: nowrap; }
.tile small { display: block; line-height: 1.4; }
.advice { margin: 0; padding: .9rem 1.1rem .9rem 2.1rem; background: var(--note);
          border-left: 4px solid var(--note-rule); border-radius: 0 .5rem .5rem 0; }
.advice li + li { margin-top: .4rem; }

.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { text-align: left; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--rule);
         vertical-align: top; }
th { font-weight: 500; min-width: 6rem; max-width: 22rem; }
thead th { color: var(--soft); font-size: .85rem; font-weight: 400; vertical-align: bottom;
           white-space: nowrap; min-width: 0; }
.scroll + p { margin-top: 1.4rem; }
.slim { max-width: 32rem; }
.num { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.bar, .counts li { position: relative; z-index: 0; }
.bar { min-width: 8rem; width: 30%; padding-left: .5rem; }
.share { position: absolute; left: 0; top: .3rem; height: 1.75em; background: var(--bar); z-index: -1;
         border-radius: 2px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.counts { list-style: none; margin: 0; padding: 0; columns: 16rem; column-gap: 2.5rem; }
.counts li { display: flex; justify-content: space-between; gap: 1rem; padding: .35rem .5rem;
             break-inside: avoid; }
.counts span { min-width: 0; overflow-wrap: anywhere; }
.counts b { font-weight: 500; font-variant-numeric: tabular-nums; }
.num + td:not(.bar), th.num + th:not(.num) { padding-left: .5rem; }
.none, .nil { color: var(--soft); }
.picked th, .picked td { font-weight: 600; }
mark { background: var(--accent); color: var(--paper); border-radius: 1em; padding: .05em .6em;
       font-size: .78rem; font-weight: 600; white-space: nowrap; }
.path { font: .85rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }

.matrix { font-size: .85rem; width: auto; }
.matrix.roomy { font-size: .95rem; }
.matrix td { text-align: center; padding: 0; min-width: 2.1rem; height: 2.1rem; vertical-align: middle;
             border: 1px solid var(--paper); background: var(--panel); }
.matrix.roomy td { min-width: 2.9rem; height: 2.9rem; }
.matrix.dense { font-size: .78rem; }
.matrix.dense td { min-width: 1.62rem; height: 1.62rem; }
.matrix thead td { background: none; }
.matrix tbody th { text-align: right; vertical-align: middle; border: 0; padding: 0 .6rem 0 0;
                   position: sticky; left: 0; background: var(--paper); z-index: 1; max-width: 10rem;
                   overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix thead th { border: 0; padding: 0 0 .4rem; text-align: left; color: var(--ink); }
.matrix thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem;
                     overflow: hidden; text-overflow: ellipsis; display: block; margin: 0 auto; }
.matrix .hit { background: rgb(var(--hit) / calc(.08 + .57 * var(--s))); }
.matrix .miss { background: rgb(var(--miss) / calc(.08 + .62 * var(--s))); }
.matrix .hit, .matrix .miss, .nil { print-color-adjust: exact; -webkit-print-color-adjust: exact; }

.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.2rem 1rem; }
.pictures figure { margin: 0; }
.pictures img, .blank { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
                        background: var(--panel); border-radius: .4rem; }
.blank { display: grid; place-items: center; color: var(--soft); font-size: .85rem; }
.pictures figcaption { margin-top: .4rem; line-height: 1.4; }
.pictures span { display: block; }
.pictures i { font-style: normal; font-size: .85em; color: var(--soft); }
.said, .guess { color: var(--ink); }
.guess b { color: var(--warn); white-space: nowrap; }
.pictures .path { font-size: .75rem; color: var(--soft); }

.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 3rem; }
.pair > section { min-width: 0; }
.chart { margin: 0 0 .6rem; }
svg { display: block; width: 100%; max-width: 30rem; height: auto; margin-bottom: .4rem; }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--soft); }
.ideal { stroke: var(--ink); stroke-dasharray: 5 4; stroke-width: 1.3; }
.column { fill: var(--accent); opacity: .75; }
.pale { opacity: .28; }
.amount { fill: var(--soft); opacity: .7; }
.course { fill: none; stroke: var(--accent); stroke-width: 2; }
.dot { fill: var(--accent); }
.error { stroke: var(--accent); opacity: .5; }
.chosen { stroke: var(--warn); stroke-dasharray: 4 3; stroke-width: 1.3; }
details { font-size: .92rem; }
summary { cursor: pointer; color: var(--accent); }

footer { border-top: 1px solid var(--rule); padding-top: 1.5rem; }
footer h2 { font-size: 1rem; color: var(--ink); }
footer dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.2rem; margin: 0 0 1rem; }
footer dd { margin: 0; color: var(--ink); }
@media (max-width: 30rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .tile { flex-basis: 8.5rem; }
  .matrix tbody th { max-width: 6.5rem; }
  .matrix.roomy td { min-width: 2.2rem; height: 2.2rem; }
  .pictures { grid-template-columns: 1fr 1fr; }
  footer dl { grid-template-columns: 1fr; }
  footer dd { margin-bottom: .5rem; }
}
@media print {
  :root { --paper: #fff; --panel: #f5f6f8; --rule: #ccc; --ink: #000; --soft: #444; --accent: #1f5fbf;
          --bar: #c9dcf7; --warn: #b34a00; --note: #fff; --hit: 46 108 208; --miss: 222 116 28; }
  main { max-width: none; padding: 0; }
  body { font-size: 10.5pt; }
  section { margin-top: 1.6rem; }
  figure, tr, .tile { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
  details { display: none; }
  .pictures { grid-template-columns: repeat(5, 1fr); }
  .pair { grid-template-columns: 1fr 1fr; gap: 0 1.5rem; }
  .matrix.dense td { min-width: 0; width: 1.2rem; }
}
)css";

}  // namespace preannotate::report
