import { css } from 'lit'

/** Trust strip, bands, tiles, block heads, states, footer. */
export const blocks = css`
  .trust {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--roi-4);
    padding: 10px var(--pad);
    border-block-end: var(--roi-hairline);
    font-size: var(--roi-text-sm);
    line-height: 24px;
    color: var(--roi-ink-2);
  }
  .trust b { font-weight: 500; color: var(--roi-ink); }
  .trust .wrn b, .trust .wrn, .band.warn { color: var(--roi-warn); }
  .trust .neg b { color: inherit; font-weight: var(--roi-weight-strong); }
  .band {
    display: flex;
    flex-wrap: wrap;
    gap: 4px var(--roi-3);
    align-items: center;
    padding: 10px var(--pad);
    font-size: var(--roi-text-sm);
    border-block-end: var(--roi-hairline);
  }
  .band.warn { background: var(--roi-warn-soft); }
  .band.bad { background: var(--roi-negative-soft); color: var(--roi-ink); }
  .band.bad .neg { font-weight: var(--roi-weight-strong); }
  .band .btn { margin-inline-start: auto; }
  .tiles {
    display: grid;
    grid-template-columns: 1fr;
  }
  .tile {
    position: relative;
    min-width: 0;
    padding: var(--roi-tile-pad) var(--pad);
    border-block-start: var(--roi-hairline);
  }
  .tile:first-of-type { border-block-start: 0; }
  .tile h3 { font: inherit; }
  .tile .lab {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    min-height: 24px;
    font-size: var(--roi-text-sm);
    color: var(--roi-ink-2);
  }
  .tile .x { margin-inline-end: -6px; color: var(--roi-ink-3); }
  .tile .x:hover, .tile .x[aria-expanded='true'] { color: var(--roi-ink); }
  .tile .val {
    display: block;
    min-height: 36px;
    line-height: 36px;
    white-space: nowrap;
    font-size: var(--roi-text-2xl);
    font-weight: var(--roi-weight-strong);
    letter-spacing: -0.02em;
  }
  .tile .val .sub {
    line-height: 1;
    margin-inline-start: 8px;
    font-size: var(--roi-text-sm);
    font-weight: var(--roi-weight);
    letter-spacing: 0;
    color: var(--roi-ink-3);
  }
  .tile button:hover .num {
    text-decoration: underline;
    text-decoration-color: var(--roi-line-strong);
    text-decoration-thickness: 2px;
    text-underline-offset: 5px;
  }
  .tile .missing { vertical-align: top; font-size: var(--roi-text-xl); color: var(--roi-ink-2); }
  .tile.sel .num { outline: 2px solid var(--roi-accent); outline-offset: 3px; border-radius: 2px; }
  .tile .row {
    min-height: 28px;
    display: flex;
    align-items: flex-end;
    justify-content: space-between;
    gap: 4px var(--roi-3);
  }
  .tile .spark { flex: 0 1 88px; min-width: 40px; }
  .delta { flex: none; max-width: 100%; font-size: var(--roi-text-sm); line-height: 20px; }
  .tile .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 8px;
    min-height: 20px;
    margin-block-start: var(--roi-2);
    font-size: var(--roi-text-xs);
    color: var(--roi-ink-3);
    white-space: nowrap;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    height: 20px;
    padding-inline: 6px;
    border: 1px solid var(--roi-line-strong);
    border-radius: var(--roi-radius);
    font-size: var(--roi-text-xs);
    color: var(--roi-ink-2);
    white-space: nowrap;
  }
  .chip.ok::before, .chip.warn::before {
    content: '';
    width: 6px;
    height: 6px;
    margin-inline-end: 6px;
    border-radius: 50%;
    background: var(--roi-positive);
  }
  .chip.warn { border-color: var(--roi-warn); color: var(--roi-warn); }
  .chip.warn::before { border-radius: 0; background: var(--roi-warn); transform: rotate(45deg); }
  .tip {
    position: absolute;
    z-index: 1;
    inset-block-start: calc(var(--roi-tile-pad) + 28px);
    inset-inline: var(--pad);
    padding: 10px 12px;
    background: var(--roi-surface);
    border: 1px solid var(--roi-control);
    border-radius: var(--roi-radius);
    font-size: var(--roi-text-sm);
    color: var(--roi-ink-2);
  }
  .tip .link { display: block; margin-block-start: 4px; }
  .split { border-block-start: var(--roi-hairline); }
  .main { min-width: 0; container: main / inline-size; }
  .block { padding: var(--roi-gap) var(--pad); }
  .block + .block, .rule { border-block-start: var(--roi-hairline); }
  .bh {
    display: flex;
    align-items: baseline;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 4px var(--roi-4);
    margin-block-end: var(--roi-3);
  }
  .bh > div:first-child { flex: 1 1 200px; min-width: 0; }
  .bh h2 { font-size: var(--roi-text-xs); line-height: 16px; font-weight: 500; color: var(--roi-ink-3); margin-block-end: 2px; }
  .find { font-size: var(--roi-text-lg); line-height: 22px; font-weight: var(--roi-weight-strong); text-wrap: pretty; overflow-wrap: anywhere; }
  .act { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--roi-3); font-size: var(--roi-text-sm); color: var(--roi-ink-2); }
  .act button { min-height: var(--roi-target); border-block-end: 2px solid transparent; }
  .act button:hover, .foot-bar button:hover { color: var(--roi-ink); }
  .act [aria-pressed='true'] { color: var(--roi-ink); border-color: var(--roi-accent); }
  .state { padding: var(--roi-8) var(--pad); min-height: 220px; display: flex; flex-direction: column; align-items: flex-start; gap: var(--roi-2); }
  .state p { color: var(--roi-ink-2); max-width: 64ch; overflow-wrap: anywhere; }
  .state .find { color: var(--roi-ink); }
  .state .go { display: flex; flex-wrap: wrap; gap: var(--roi-3); margin-block-start: var(--roi-2); }
  code { font: 12px/1.5 ui-monospace, 'SFMono-Regular', Menlo, 'DejaVu Sans Mono', monospace; color: var(--roi-ink-2); overflow-wrap: anywhere; user-select: all; }
  .ghost { display: block; width: 100%; }
  .is-stale .num, .is-stale .t .b { color: var(--roi-ink-2); }
  .is-busy .body { opacity: 0.6; transition: opacity var(--roi-motion) var(--roi-ease); }
  .foot-bar {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--roi-4);
    padding: 10px var(--pad);
    border-block-start: var(--roi-hairline);
    font-size: var(--roi-text-sm);
    color: var(--roi-ink-3);
  }

  @container (max-width: 359.98px) {
    .panel { --pad: 12px; }
  }
  @container (min-width: 360px) and (max-width: 599.98px) {
    .panel { --pad: 16px; }
  }
  @container (min-width: 360px) {
    .tiles { grid-template-columns: 1fr 1fr; }
    .tile:nth-of-type(2) { border-block-start: 0; }
    .tile:nth-of-type(even) { border-inline-start: var(--roi-hairline); }
  }
  @container (min-width: 360px) and (max-width: 479.98px) {
    .tile .row { flex-direction: column; align-items: flex-start; }
    .tile .val .sub { display: block; margin: 0; line-height: 16px; }
    .tile .spark { flex: none; }
  }
  @container (min-width: 900px) {
    .trust .end { margin-inline-start: auto; }
    .tiles { grid-template-columns: repeat(4, 1fr); }
    .tile, .tile:nth-of-type(n) { border-block-start: 0; border-inline-start: var(--roi-hairline); }
    .tile:first-of-type { border-inline-start: 0; }
    .split.docked { display: grid; grid-template-columns: minmax(0, 1fr) 328px; }
    .split.docked .drawer { border-inline-start: var(--roi-hairline); }
  }
`
