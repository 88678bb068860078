import { framed } from './page-frame.ts';

/** What is at `/` as long as there is no dashboard: what runs here, and where to go. */
export function homePage(): string {
  return framed({
    title: 'Welcome',
    content: `<h1>MetaRouter runs here</h1>
<p>It takes in the events of websites and apps, keeps them, and brings them to the tools that a team uses.</p>
<p>The dashboard will be on this page. Until then, sign in with <code>createToken</code> in the explorer, or sign up with <code>createNewUser</code>.</p>
<a class="button" href="explorer">Open the explorer</a>
<div class="notes">
<p>Programs reach the same API, called Houston, at <code data-address="graphql">/graphql</code>.</p>
<p>You forgot your password? <a href="reset">Choose a new one</a>.</p>
<p>How everything works is written in the folder <code>docs</code> that came with the program.</p>
</div>`,
  });
}
