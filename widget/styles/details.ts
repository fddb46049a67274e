import { css } from 'lit'

/** Empty state, findings, drawer and comparison, loaded with them. */
export const details = css`
  /* Figures that are asked for again are dimmed only when that takes a while. */
  .is-busy .body { transition-delay: 0.4s; }
  slot > code { display: block; padding: 6px 10px; background: var(--roi-sunken); border-radius: var(--roi-radius); }
  .alert { display: grid; grid-template-columns: 1fr; gap: 0 var(--roi-4); padding-block: 10px; border-block-end: var(--roi-hairline); overflow-wrap: anywhere; }
  .alert:last-child { border-block-end: 0; }
  .alert p + p { font-size: var(--roi-text-sm); color: var(--roi-ink-2); }
  @container (min-width: 600px) {
    .alert { grid-template-columns: 88px 1fr; }
    .alert .mo { text-align: end; }
  }
  .cmp th:first-child { position: sticky; inset-inline-start: 0; background: var(--roi-surface); padding-inline-end: 8px; }
  .cmp tr.on th, .cmp tr.on td { font-weight: var(--roi-weight-strong); }
  .cmp td, .cmp tbody th { height: 32px; }
  .cmp thead th { max-width: 140px; }

  .drawer { background: var(--roi-bg); padding: var(--roi-gap) var(--roi-5); min-width: 0; }
  .drawer:focus-visible { outline-offset: -2px; }
  .drawer .bh { flex-wrap: nowrap; align-items: flex-start; }
  .drawer .find { display: flex; align-items: baseline; }
  .drawer .models { gap: 0 var(--roi-3); margin-block-end: var(--roi-3); }
  .eq { font-size: var(--roi-text-xl); line-height: 28px; font-weight: var(--roi-weight-strong); letter-spacing: -0.01em; }
  .formula { margin-block-start: 2px; font-size: var(--roi-text-sm); color: var(--roi-ink-2); overflow-wrap: anywhere; }
  .frac { display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: var(--roi-3); margin-block: var(--roi-3) var(--roi-4); padding-block: var(--roi-2); border-block: var(--roi-hairline); font-size: var(--roi-text-sm); }
  .frac dt { color: var(--roi-ink-2); line-height: 24px; }
  .frac dd { text-align: end; line-height: 24px; overflow-wrap: anywhere; }
  .mini { font-size: var(--roi-text-sm); margin-block-end: var(--roi-2); }
  .mini caption { text-align: start; font-size: var(--roi-text-xs); color: var(--roi-ink-3); padding-block-end: 4px; }
  .mini thead th { font-size: var(--roi-text-xs); color: var(--roi-ink-3); height: 24px; border-block-end: var(--roi-rule); white-space: nowrap; }
  .mini td, .mini tbody th { border-block-end: var(--roi-hairline); padding-block: 5px; line-height: 18px; vertical-align: top; }
  .mini td, .mini th + th { text-align: end; padding-inline-start: 10px; white-space: nowrap; }
  .mini tbody th { width: 99%; max-width: 0; min-width: 96px; }
  .mini tr.sum td, .mini tr.sum th { border-block-start: var(--roi-total-rule); border-block-end: 0; font-weight: var(--roi-weight-strong); }
  .drawer details + .scroll, .frac + .scroll { margin-block-start: var(--roi-4); }
  .deals small { display: block; font-size: var(--roi-text-xs); line-height: 16px; }
  .deals .cut { display: block; }
  .raw { width: auto; min-width: 100%; }
  .raw td, .raw th { text-align: start !important; padding-inline: 0 12px !important; white-space: nowrap; max-width: 180px; overflow: hidden; text-overflow: ellipsis; }
  .raw td.n { text-align: end !important; }
  details { border-block-end: var(--roi-hairline); font-size: var(--roi-text-sm); }
  summary { min-height: 28px; line-height: 28px; cursor: pointer; color: var(--roi-ink-2); }
  .checked { margin-block: 4px var(--roi-4); font-size: var(--roi-text-sm); color: var(--roi-ink-2); }
`
