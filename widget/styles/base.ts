import { css } from 'lit'

/** Ground rules: type, focus, controls, marks, texts that only a screen reader gets. */
export const base = css`
  :host {
    display: block;
    min-width: 0;
    container-type: inline-size;
    font: var(--roi-weight) var(--roi-text-md) / var(--roi-leading) var(--roi-font);
    font-variant-numeric: tabular-nums lining-nums;
    color: var(--roi-ink);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  * {
    box-sizing: border-box;
  }
  .panel {
    position: relative;
    background: var(--roi-surface);
    border: 1px solid var(--roi-line-strong);
    border-radius: var(--roi-radius-panel);
    overflow: clip;
    --pad: var(--roi-pad);
  }
  :where(h2, h3, p, figure, dl, dd, ol, ul) {
    margin: 0;
    padding: 0;
  }
  :where(ol, ul) {
    list-style: none;
  }
  :where(button, select) {
    font: inherit;
    letter-spacing: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    text-align: start;
  }
  :focus-visible {
    outline: var(--roi-focus-ring);
    outline-offset: var(--roi-focus-offset);
    border-radius: var(--roi-radius);
  }
  button,
  tbody tr {
    transition: background-color var(--roi-motion) var(--roi-ease), color var(--roi-motion) var(--roi-ease);
  }
  .m { color: var(--roi-ink-2); }
  .q { color: var(--roi-ink-3); }
  .s { font-size: var(--roi-text-sm); }
  .xs { font-size: var(--roi-text-xs); }
  .b { font-weight: var(--roi-weight-strong); }
  .pos { color: var(--roi-positive); }
  .neg { color: var(--roi-negative); }
  .wrn { color: var(--roi-warn); }
  .nw { white-space: nowrap; }
  .vh {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .cut {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .link {
    color: var(--roi-accent);
    text-decoration: underline;
    text-decoration-color: var(--roi-line-strong);
    text-underline-offset: 3px;
    text-decoration-thickness: 1px;
    min-height: var(--roi-target);
  }
  .btn {
    min-height: 28px;
    padding-inline: 10px;
    border: 1px solid var(--roi-control);
    border-radius: var(--roi-radius);
    font-size: var(--roi-text-sm);
    white-space: nowrap;
  }
  .btn:hover { background: var(--roi-sunken); }
  .select {
    min-height: 32px;
    max-width: 100%;
    padding-inline: 8px;
    border: 1px solid var(--roi-control);
    border-radius: var(--roi-radius);
    background: var(--roi-surface);
    color: var(--roi-ink);
  }
  .x {
    flex: none;
    width: 24px;
    height: 24px;
    display: inline-grid;
    place-items: center;
    color: var(--roi-ink-2);
  }
  .x .ic { margin: 0; }
  .ic {
    width: 12px;
    height: 12px;
    flex: none;
    vertical-align: -1.5px;
    margin-inline-end: 4px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .sw {
    width: 8px;
    height: 8px;
    flex: none;
    margin-inline-end: 8px;
    vertical-align: 1px;
  }
  .f1 { fill: var(--roi-c1); }
  .f2 { fill: var(--roi-c2); }
  .f3 { fill: var(--roi-c3); }
  .f4 { fill: var(--roi-c4); }
  .f5 { fill: var(--roi-c5); }
  .f6 { fill: var(--roi-c6); }
  .f7 { fill: var(--roi-c7); }
  .f8 { fill: var(--roi-c8); }
  .fa { fill: var(--roi-accent); }
  .fc { fill: var(--roi-control); }
  .fl { fill: var(--roi-line); }
  .fs { fill: var(--roi-surface); }
  .l { stroke: var(--roi-line); fill: none; }
  .lc { stroke: var(--roi-control); fill: none; }
  .li { stroke: var(--roi-ink); fill: none; }
  .ln { stroke: var(--roi-negative); }
  .lsu { stroke: var(--roi-surface); }
  @media (forced-colors: active) {
    .fa, .fc, .f1, .f2, .f3, .f4, .f5, .f6, .f7, .f8 { fill: CanvasText; }
    .l, .lc, .li { stroke: CanvasText; }
    .ln { stroke: CanvasText; }
    .fs { fill: Canvas; }
    .lsu { stroke: Canvas; }
    .chip::before { forced-color-adjust: none; background: CanvasText; }
    .models [aria-checked='true'] { border-color: Highlight; }
    .panel [aria-pressed='true'] { outline: 1px solid Highlight; }
  }
`
