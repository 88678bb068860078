import { type Prose, plainText } from './prose.ts';

/** What a page shows. */
export interface HtmlPage {
  readonly title: string;
  readonly heading: string;
  readonly body: readonly Prose[];
  readonly button: { readonly label: string; readonly link: string };
  readonly notes: readonly Prose[];
  readonly foot: string;
}

/** The beginning that mail programs show beside the subject, in characters. */
const PREVIEW_CHARACTERS = 120;

const FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Colours by day; the style sheet has those of the night. Each text has at least 4.5 times its ground's contrast. */
const INK = '#1c2430';
const SOFT = '#5b6675';
const ACCENT = '#1f5eff';

/**
 * Programs that know no style sheets get the inline styles, which are complete; those that do get the colours of the night
 * and less margin on telephones.
 */
const STYLE = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .ground { background-color: #10141b !important; }
  .card { background-color: #1a202a !important; border-color: #2b3442 !important; }
  .ink { color: #eef1f5 !important; }
  .soft { color: #a3adba !important; }
  .link { color: #8fb0ff !important; }
  .rule { border-color: #2b3442 !important; }
}
@media (max-width: 620px) {
  .edge { padding: 20px 0 !important; }
  .band { padding-left: 22px !important; padding-right: 22px !important; }
  .card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important; }
  .inner { padding: 28px 22px !important; }
}`;

/** A page of HTML that mail programs show alike: tables, inline styles, nothing loaded from anywhere. All of it is escaped. */
export function htmlPage({ title, heading, body, button, notes, foot }: HtmlPage): string {
  const preview = body.map(plainText).join(' ').slice(0, PREVIEW_CHARACTERS);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>${escapeHtml(title)}</title>
<style>${STYLE}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background-color:#f3f5f8;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(preview)}</div>
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f3f5f8">
<tr><td class="edge" align="center" style="padding:32px 16px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px">
<tr><td class="band ink" style="padding:0 4px 16px;${font(15, 20, INK)};font-weight:700;letter-spacing:-0.2px">MetaRouter</td></tr>
<tr><td class="card" style="background-color:#ffffff;border:1px solid #dfe4ea;border-radius:12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="inner" style="padding:40px">
<h1 class="ink" style="margin:0 0 16px;${font(24, 32, INK)};font-weight:700;letter-spacing:-0.4px">${escapeHtml(heading)}</h1>
${body.map((part) => paragraph(part, 'ink', `margin:0 0 16px;${font(16, 25, INK)}`)).join('\n')}
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:28px 0">
<tr><td style="border-radius:8px;background-color:${ACCENT}"><a href="${escapeHtml(button.link)}" style="display:inline-block;padding:13px 26px;border-radius:8px;${font(16, 22, '#ffffff')};font-weight:600;text-decoration:none">${escapeHtml(button.label)}</a></td></tr>
</table>
<p class="soft" style="margin:0 0 20px;${font(13, 20, SOFT)}">Or open this link:<br><a class="link" href="${escapeHtml(button.link)}" style="color:${ACCENT};word-break:break-all">${escapeHtml(button.link)}</a></p>
<div class="rule" style="border-top:1px solid #e6eaef;padding-top:20px">
${notes.map((part) => paragraph(part, 'soft', `margin:0 0 8px;${font(14, 22, SOFT)}`)).join('\n')}
</div>
</td></tr>
</table>
</td></tr>
<tr><td class="band soft" style="padding:16px 4px 0;${font(12, 18, SOFT)}">${escapeHtml(foot)}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

/** What stands for a character that means something in HTML, also within an attribute. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function paragraph(parts: Prose, className: string, style: string): string {
  const words = parts.map(({ text, given }) =>
    given
      ? `<strong style="font-weight:600;word-break:break-word">${escapeHtml(text)}</strong>`
      : escapeHtml(text),
  );
  return `<p class="${className}" style="${style}">${words.join('')}</p>`;
}

/** A font of this size on lines of this height, both in pixels. */
function font(size: number, line: number, color: string): string {
  return `font:400 ${size}px/${line}px ${FONT};color:${color}`;
}
