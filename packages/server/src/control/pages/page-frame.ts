/** What one page has of its own. All of it is our own HTML: nothing that anybody gave us is in a page. */
export interface Page {
  readonly title: string;
  readonly content: string;
}

/** A whole page: it looks like our mails, and names `page.css` and `page.js`. */
export function framed({ title, content }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · MetaRouter</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<header>MetaRouter</header>
<main>
${content}
</main>
</body>
</html>
`;
}
