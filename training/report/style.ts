/** Named colours of a report in both modes; charts are drawn with stand-ins that become these variables (see chart-svg.ts). */
export const reportColours = {
  ink: { light: '#1c2430', dark: '#e6eaf0' },
  muted: { light: '#5b6675', dark: '#9aa6b5' },
  line: { light: '#dde2e9', dark: '#333d4b' },
  paper: { light: '#ffffff', dark: '#161b22' },
  series1: { light: '#1f6feb', dark: '#6cb0ff' },
  series2: { light: '#d9730d', dark: '#f5a55a' },
  series3: { light: '#1a8f5f', dark: '#56d19b' },
  series4: { light: '#a03bb5', dark: '#dc8df0' },
  series5: { light: '#b8860b', dark: '#e6c35c' },
  series6: { light: '#7a828e', dark: '#aab4c0' },
} as const

export type ReportColour = keyof typeof reportColours

const variables = (mode: 'light' | 'dark'): string =>
  Object.entries(reportColours)
    .map(([name, colour]) => `--${name}:${colour[mode]}`)
    .join(';')

/** The named colours for a chart that stands alone, light and dark by the reader's setting. */
export const colourStyle = (selector: string): string =>
  `${selector}{${variables('light')}}@media (prefers-color-scheme:dark){${selector}{${variables('dark')}}}`

/** The whole style sheet of a report: light and dark by the reader's setting, light on paper. */
export const reportStyle = `
:root{color-scheme:light dark;${variables('light')};--good:#1a7f4b;--bad:#b3261e;--warn:#8a5a00;--soft:#f4f6f9}
@media (prefers-color-scheme:dark){:root{${variables('dark')};--good:#56d19b;--bad:#ff8a80;--warn:#e6c35c;--soft:#1e2530}}
@media print{:root{color-scheme:light;${variables('light')};--good:#1a7f4b;--bad:#b3261e;--warn:#8a5a00;--soft:#f4f6f9}
  main{max-width:none;padding:0}section,figure,tr{break-inside:avoid}.scroll{overflow:visible}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:960px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 10px;padding-bottom:6px;border-bottom:1px solid var(--line)}
p{margin:0 0 10px;max-width:74ch}
.subtitle{color:var(--muted);font-size:17px;margin-bottom:20px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:10px 24px;margin:0 0 18px;padding:14px 16px;background:var(--soft);border-radius:8px}
.facts .wide{grid-column:1/-1}
.facts dt{color:var(--muted);font-size:12.5px}.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.banner,.verdict{border-left:4px solid;border-radius:4px;background:var(--soft);padding:11px 16px;margin:0 0 12px;max-width:none}
.banner{border-color:var(--warn)}.banner strong{color:var(--warn)}
.verdict.passed{border-color:var(--good)}.verdict.refused{border-color:var(--bad)}
.verdict.passed strong{color:var(--good)}.verdict.refused strong{color:var(--bad)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:6px 0 8px;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--muted);font-size:13px;border-bottom:2px solid var(--line)}
th.n,td.n{text-align:right;padding:8px 0 8px 18px}
th.n+th:not(.n),td.n+td:not(.n){padding-left:24px}
table.metrics{width:auto;margin-bottom:22px}
.metrics th:first-child{width:290px}.metrics .n{width:124px}
small{display:block;color:var(--muted);font-size:12px;font-weight:400;white-space:nowrap}
.model{color:var(--series1)}.best{font-weight:650}.mark{font-size:10px;margin-left:4px;vertical-align:1px}
h3{font-size:15px;margin:0 0 4px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr));gap:20px 32px;margin:14px 0}
figure .narrow{display:none}
@media screen and (max-width:640px){main{padding:24px 14px 40px}figure .wide{display:none}figure .narrow{display:block}}
figure{margin:4px 0 16px}figure svg{display:block;width:100%;height:auto}
figcaption,.note{color:var(--muted);font-size:13.5px;max-width:80ch}
`
