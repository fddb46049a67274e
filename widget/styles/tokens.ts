import { css } from 'lit'

const dark = css`
  --roi-bg: #0e1112;
  --roi-surface: #15191b;
  --roi-sunken: #1b2022;
  --roi-ink: #eceff0;
  --roi-ink-2: #b4bcc0;
  --roi-ink-3: #8e979c;
  --roi-line: #272d30;
  --roi-line-strong: #40484c;
  --roi-control: #727b80;
  --roi-accent: #5fbcc4;
  --roi-accent-soft: #16292c;
  --roi-positive: #5fbcc4;
  --roi-negative: #f0916b;
  --roi-negative-soft: #2e1d16;
  --roi-warn: #e0b354;
  --roi-warn-soft: #2b2414;
  --roi-c1: #5fbcc4;
  --roi-c2: #e2b743;
  --roi-c3: #8893f3;
  --roi-c4: #e8744f;
  --roi-c5: #3c78c3;
  --roi-c6: #a574aa;
  --roi-c7: #c0d26b;
  --roi-c8: #8e979c;
  --roi-accent-ink: #0e1112;
  --roi-focus: #5fbcc4;
  color-scheme: dark;
`

/**
 * The design tokens (design/tokens.css; contrast ratios are written there). The element and the plain page share them:
 * a `:host`, or an element of class `roi` with `data-theme` and `data-density`.
 */
export const tokens = css`
:where(:host, .roi) {
  --roi-font: "Inter", system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  --roi-text-xs: 11px;
  --roi-text-sm: 12px;
  --roi-text-md: 13px;
  --roi-text-lg: 15px;
  --roi-text-answer: 17px;
  --roi-text-xl: 20px;
  --roi-text-2xl: 28px;
  --roi-leading-tight: 1.2;
  --roi-leading: 1.5;
  --roi-weight: 400;
  --roi-weight-strong: 600;
  --roi-1: 4px; --roi-2: 8px; --roi-3: 12px; --roi-4: 16px; --roi-5: 20px; --roi-6: 24px; --roi-8: 32px; --roi-10: 40px;
  --roi-radius-mark: 1px;
  --roi-radius: 4px;
  --roi-radius-panel: 8px;
  --roi-hairline: 1px solid var(--roi-line);
  --roi-rule: 1px solid var(--roi-line-strong);
  --roi-total-rule: 3px double var(--roi-control);
  --roi-focus-ring: 2px solid var(--roi-focus);
  --roi-focus-offset: 2px;
  --roi-target: 24px;
  --roi-motion: 120ms;
  --roi-ease: cubic-bezier(.2, 0, 0, 1);
}
:where(:host, .roi) { --roi-gap: 20px; --roi-pad: 24px; --roi-row: 40px; --roi-tile-pad: 16px; }
:where(:host([density="compact"]), .roi[data-density="compact"]) { --roi-gap: 12px; --roi-pad: 16px; --roi-row: 32px; --roi-tile-pad: 12px; }
:where(:host, .roi) {
  --roi-bg: #f6f6f3;
  --roi-surface: #ffffff;
  --roi-sunken: #f1f2ef;
  --roi-ink: #181c1f;
  --roi-ink-2: #474e54;
  --roi-ink-3: #636b71;
  --roi-line: #e3e5e2;
  --roi-line-strong: #c5c9c7;
  --roi-control: #7c8388;
  --roi-accent: #0b6872;
  --roi-accent-soft: #e6f0f1;
  --roi-positive: #0b6872;
  --roi-negative: #a8390f;
  --roi-negative-soft: #faede7;
  --roi-warn: #805300;
  --roi-warn-soft: #faf1dc;
  --roi-c1: #0b6872;
  --roi-c2: #b97a15;
  --roi-c3: #5a5fcb;
  --roi-c4: #bc4527;
  --roi-c5: #3f8fc0;
  --roi-c6: #843c5e;
  --roi-c7: #868f38;
  --roi-c8: #7c8388;
  --roi-accent-ink: #ffffff;
  --roi-focus: #0b6872;
  color-scheme: light;
}
:where(:host([theme="dark"]), .roi[data-theme="dark"]) {
  ${dark}
}
@media (prefers-color-scheme: dark) {
  :where(:host([theme="auto"]), .roi[data-theme="auto"]) {
    ${dark}
  }
}
@media (prefers-reduced-motion: reduce) {
  :where(:host, .roi) { --roi-motion: 0ms; }
}
`
