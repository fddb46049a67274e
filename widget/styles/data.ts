import { css } from 'lit'

/** Model switcher, ranges, tables. */
export const data = css`
  .models { display: flex; flex-wrap: wrap; gap: 0 var(--roi-4); font-size: var(--roi-text-sm); border-block-end: var(--roi-hairline); }
  .models button { min-height: 32px; color: var(--roi-ink-2); border-block-end: 2px solid transparent; margin-block-end: -1px; white-space: nowrap; }
  .models button:hover { color: var(--roi-ink); }
  .models [aria-checked='true'] { color: var(--roi-ink); font-weight: var(--roi-weight-strong); border-color: var(--roi-accent); }
  .models [aria-disabled='true'] { color: var(--roi-ink-3); cursor: not-allowed; }
  .note { margin-block-start: var(--roi-2); font-size: var(--roi-text-xs); color: var(--roi-ink-3); }
  .picker { display: flex; flex-direction: column; gap: 2px; font-size: var(--roi-text-xs); color: var(--roi-ink-3); }
  .picker select { font-size: var(--roi-text-md); }
  .ranges { display: grid; align-items: start; grid-template-columns: 1fr; gap: var(--roi-3) var(--roi-5); margin-block-start: var(--roi-4); }
  .rg { display: block; width: 100%; min-width: 0; }
  .rg:hover .nm { text-decoration: underline; text-decoration-color: var(--roi-line-strong); text-underline-offset: 3px; }
  .rg .nm { display: flex; align-items: center; font-size: var(--roi-text-sm); }
  .range { display: block; width: 100%; height: 20px; }
  .rg .ft { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 8px; font-size: var(--roi-text-xs); color: var(--roi-ink-3); white-space: nowrap; }
  .scroll { position: relative; overflow-x: auto; margin-inline: -6px; padding-inline: 6px; }
  .note + .scroll { margin-block-start: var(--roi-3); }
  table { width: 100%; border-collapse: collapse; font-size: var(--roi-text-md); }
  th { font-weight: var(--roi-weight); text-align: start; }
  .t thead th { height: 32px; font-size: var(--roi-text-xs); color: var(--roi-ink-3); border-block-end: var(--roi-rule); white-space: nowrap; }
  .t td, .t tbody th, .t tfoot th { height: var(--roi-row); border-block-end: var(--roi-hairline); white-space: nowrap; }
  .t td, .t th { padding: 0 0 0 var(--roi-4); }
  .t th:first-child, .t td:first-child { padding-inline-start: 0; }
  .t .n { text-align: end; }
  .t thead button { min-height: var(--roi-target); min-width: var(--roi-target); white-space: nowrap; text-align: inherit; }
  .t thead button:hover, .t thead [aria-sort] { color: var(--roi-ink); }
  .t .ic { margin-inline-end: 2px; }
  .t .who { max-width: 0; width: 22%; min-width: 104px; }
  .t .who > span { display: flex; align-items: center; min-width: 0; }
  .name { min-height: var(--roi-target); }
  .name:focus-visible, .rg:focus-visible .cut { white-space: normal; overflow-wrap: anywhere; }
  .out .name:hover { text-decoration: underline; text-decoration-color: var(--roi-line-strong); text-underline-offset: 3px; }
  .t tbody .row { cursor: pointer; }
  .t tbody .row:hover { background: var(--roi-bg); }
  .t tbody .row:hover .name { text-decoration: underline; text-decoration-color: var(--roi-line-strong); text-underline-offset: 3px; }
  .t .on { outline: 2px solid var(--roi-accent); outline-offset: -6px; border-radius: 8px; }
  .t .sel .roi-v { outline: 2px solid var(--roi-accent); outline-offset: 4px; border-radius: 2px; }
  .t .sum td, .t .sum th { font-weight: var(--roi-weight-strong); border-block-start: var(--roi-total-rule); border-block-end: var(--roi-rule); }
  .t .out td, .t .out th, .t .rec td, .t .rec th { height: 36px; color: var(--roi-ink-2); font-weight: var(--roi-weight); }
  .t .rec td, .t .rec th { border-block-end: 0; }
  .t .rec.neg td, .t .rec.neg th { color: var(--roi-negative); font-weight: var(--roi-weight-strong); }
  .t .out th { white-space: normal; }
  .t .out small { margin-inline-start: 4px; font-size: var(--roi-text-xs); color: var(--roi-ink-3); }
  .na { font-weight: var(--roi-weight); color: var(--roi-ink-3); }
  .na small { display: block; font-size: var(--roi-text-xs); line-height: 14px; }
  .rb { display: flex; align-items: center; justify-content: flex-end; gap: var(--roi-4); }
  .roi-c { width: 1%; }
  .roi-v { min-width: 56px; flex: none; white-space: nowrap; }
  .bar { display: block; flex: none; width: 132px; height: 16px; }
  .axis { display: block; flex: none; width: 132px; height: 12px; font-size: var(--roi-text-xs); fill: var(--roi-ink-3); overflow: visible; }
  .key { display: flex; flex-wrap: wrap; gap: 4px var(--roi-4); margin-block-start: var(--roi-3); font-size: var(--roi-text-xs); color: var(--roi-ink-2); }
  .key span { display: inline-flex; align-items: center; gap: 6px; }
  .key svg { flex: none; }

  @container main (min-width: 420px) { .ranges { grid-template-columns: 1fr 1fr; } }
  @container main (min-width: 680px) { .ranges { grid-template-columns: repeat(4, 1fr); } }
  @container main (max-width: 799.98px) {
    .t .out th:not([colspan]) small { display: block; margin: 0; line-height: 14px; }
  }
  @container main (max-width: 679.98px) {
    .t .bar, .t .axis { display: none; }
  }
  @container main (max-width: 559.98px) {
    .t { font-size: var(--roi-text-sm); }
    .t td, .t th { padding-inline-start: 8px; }
    .t .who { min-width: 84px; }
    .t .out small { display: block; margin: 0; line-height: 14px; }
    .roi-v { min-width: 0; }
    .t .roi-c { position: sticky; inset-inline-end: -6px; background: var(--roi-surface); padding-inline-end: 6px; }
  }
  @container main (max-width: 439.98px) {
    .t td, .t th { padding-inline-start: 6px; }
    .t thead th, .t thead button { white-space: normal; text-align: inherit; line-height: 14px; }
    .t thead .n { min-width: 42px; }
    .t .who { min-width: 78px; }
    .t .roi-c { border-inline-start: var(--roi-hairline); }
  }
`
