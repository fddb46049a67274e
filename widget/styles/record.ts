import { css } from 'lit'

/** The view of one record, loaded with it. */
export const record = css`
  .rh { display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between; gap: var(--roi-3) var(--roi-5); }
  .rh > div { flex: 1 1 240px; min-width: 0; }
  .rh h2 { font-size: var(--roi-text-sm); font-weight: 500; color: var(--roi-ink-2); overflow-wrap: anywhere; }
  .rh .picker { flex: 0 1 auto; max-width: 100%; }
  .say { margin-block-start: 4px; font-size: var(--roi-text-answer); line-height: 26px; font-weight: var(--roi-weight-strong); text-wrap: pretty; overflow-wrap: anywhere; }
  .figs { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: var(--roi-4) var(--roi-5); }
  .figs div { min-width: 0; }
  .figs dt { font-size: var(--roi-text-xs); line-height: 16px; color: var(--roi-ink-3); }
  .figs dd { font-size: var(--roi-text-lg); line-height: 22px; font-weight: var(--roi-weight-strong); overflow-wrap: anywhere; }
  .figs dd.m { font-weight: var(--roi-weight); }
  .figs small, .tl small { display: block; font-size: var(--roi-text-xs); line-height: 14px; font-weight: var(--roi-weight); color: var(--roi-ink-3); }
  .stack { display: block; width: 100%; height: 14px; margin-block-end: var(--roi-3); border-radius: var(--roi-radius-mark); overflow: hidden; }
  .cl li { display: grid; grid-template-columns: 16px minmax(0, 1fr) 64px minmax(72px, auto) 72px; align-items: baseline; gap: 0 var(--roi-2); padding-block: 5px; border-block-end: var(--roi-hairline); }
  .cl li:last-child { border-block-end: 0; }
  .cl .nm { overflow-wrap: anywhere; }
  .cl b, .cl b ~ span { text-align: end; font-weight: var(--roi-weight-strong); white-space: nowrap; }
  .cl b ~ span { font-weight: var(--roi-weight); }
  .tl li { display: grid; grid-template-columns: 16px minmax(0, 1fr) auto; gap: 0 var(--roi-2); position: relative; padding-block: 6px; }
  .tl li::before { content: ''; position: absolute; inset-inline-start: 3.5px; inset-block: 0; border-inline-start: 1px solid var(--roi-line-strong); }
  .tl li:first-child::before { inset-block-start: 14px; }
  .tl li:last-child::before { inset-block-end: auto; height: 14px; }
  .tl li:only-child::before { display: none; }
  .tl .sw { position: relative; margin-block-start: 5px; outline: 3px solid var(--roi-surface); background: var(--roi-surface); overflow: visible; }
  .tl time { font-size: var(--roi-text-xs); line-height: 16px; color: var(--roi-ink-3); }
  .tl p { overflow-wrap: anywhere; }
  .tl .cr { text-align: end; white-space: nowrap; padding-block-start: 16px; }
  .tl .ms bdi { font-weight: var(--roi-weight-strong); }
  .tl + .link { margin-block-start: var(--roi-2); }
  .rt th, .rt td { height: var(--roi-row); padding: 4px 0 4px var(--roi-4); border-block-end: var(--roi-hairline); }
  .rt th:first-child { padding-inline-start: 0; overflow-wrap: anywhere; }
  .rt thead th { height: 32px; font-size: var(--roi-text-xs); color: var(--roi-ink-3); border-block-end: var(--roi-rule); white-space: nowrap; }
  .rt td { white-space: nowrap; }
  .rt .n { text-align: end; }
  @container (max-width: 479.98px) {
    .cl li { grid-template-columns: 16px minmax(0, 1fr) auto; }
    .cl li .nm ~ span { grid-column: 2 / -1; text-align: start; }
    .cl li .nm ~ span:empty { display: none; }
    .figs { grid-template-columns: 1fr 1fr; }
    .rt th, .rt td { padding-inline-start: 10px; }
  }
`
