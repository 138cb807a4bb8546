#include "report_style.h"

namespace preannotate::report {

// The colours of boxes are Okabe and Ito's sky blue and orange, told apart in every kind of colour
// blindness; they lie on photographs and so are the same in light and dark.
const char* const kDetectionStyle = R"css(
h1 .interval { white-space: nowrap; }
h1 .saved { display: block; font-size: .62em; font-weight: 600; letter-spacing: 0; }
.tile { flex-basis: 7.4rem; }
h3 { font-size: 1.02rem; margin: 1.8rem 0 .3rem; }
h3 + p { max-width: 44rem; margin: 0 0 .9rem; color: var(--soft); font-size: .92rem; }
.boxes { font-size: .9rem; }
.boxes thead th { white-space: normal; }
.boxes th, .boxes td { padding-right: .7rem; }
.boxes .bar { min-width: 6.5rem; width: auto; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 1rem 1.4rem; }
.curves figure { margin: 0; min-width: 0; }
.curves figcaption b { color: var(--ink); font-weight: 600; }
.under { fill: var(--bar); opacity: .55; stroke: none; }
.span { stroke: var(--warn); stroke-width: 2; }
.mark { fill: var(--warn); stroke: var(--paper); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; color: var(--soft); font-size: .92rem; }
.legend span { display: inline-flex; align-items: center; gap: .5em; }
.legend svg { width: 2.2rem; margin: 0; flex: none; }
.pictures.shots { grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); }
.shot { position: relative; aspect-ratio: 1; background: var(--panel); border-radius: .4rem; overflow: hidden; }
.shot img, .shot svg { position: absolute; inset: 0; width: 100%; height: 100%; max-width: none; margin: 0; }
.shot img { border-radius: 0; background: none; }
.shot rect, .legend rect { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; }
.shot .casing, .legend .casing { stroke: #000; stroke-width: 3.4; opacity: .5; }
.shot g:not(.subject) { opacity: .8; }
.subject rect { stroke-width: 3; }
.subject .casing { stroke-width: 5.4; opacity: .65; }
.truth rect:not(.casing) { stroke: #56b4e9; }
.draft rect:not(.casing) { stroke: #f0a000; stroke-dasharray: 6 4; }
.shot title { pointer-events: none; }
.shot text { font-weight: 700; paint-order: stroke; stroke: #000; stroke-opacity: .75; stroke-width: .22em;
             stroke-linejoin: round; }
.shot text.truth { fill: #8fd0f7; }
.shot text.draft { fill: #ffbd3a; }
code { font: .92em ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (max-width: 30rem) {
  .pictures.shots { grid-template-columns: 1fr; }
  .curves { grid-template-columns: 1fr 1fr; gap: 1rem .8rem; }
}
@media print {
  .pictures.shots, .curves { grid-template-columns: repeat(4, 1fr); }
  .shot, .shot text, .shot rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace preannotate::report
