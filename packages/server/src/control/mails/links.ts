import { own, type Prose } from './prose.ts';

const DAY_MS = 86_400_000;

/** The links in mails that hold a token: where they lead, how long they work, and that in words. Each works once. */
export const LINKS = {
  confirm: { path: '/confirm', validMs: DAY_MS, validFor: '24 hours' },
  reset: { path: '/reset', validMs: DAY_MS, validFor: '24 hours' },
  invitation: { path: '/invitation', validMs: 7 * DAY_MS, validFor: '7 days' },
} as const;

/** Such a link. `publicUrl` has no slash at its end. */
export function tokenLink(publicUrl: string, kind: keyof typeof LINKS, token: string): string {
  return `${publicUrl}${LINKS[kind].path}?token=${encodeURIComponent(token)}`;
}

/** Where the first account is made, while there is none. */
export function setUpLink(publicUrl: string, token: string): string {
  return `${publicUrl}/setup?token=${encodeURIComponent(token)}`;
}

/** What a mail with such a link says about it. */
export function worksFor(kind: keyof typeof LINKS): Prose {
  return own(`The link works once, within ${LINKS[kind].validFor}.`);
}

/** Where one signs in. */
export function signInLink(publicUrl: string): string {
  return `${publicUrl}/`;
}

/** Where one asks for a mail to choose a new password. */
export function forgottenLink(publicUrl: string): string {
  return `${publicUrl}${LINKS.reset.path}`;
}

/** Where one sees how a pipeline is doing. Mails are kept: this address stays, whatever page it leads to. */
export function pipelineLink(publicUrl: string, pipelineId: string): string {
  return `${publicUrl}/pipelines/${encodeURIComponent(pipelineId)}`;
}

/**
 * The page that such a link leads to as long as there is no dashboard: the explorer, with the operation that shows what
 * the pipeline gave up on and what waits, about this pipeline. Seen from the link, as a proxy may have put a path in front.
 */
export function pipelinePage(pipelineId: string): string {
  return `../explorer#${new URLSearchParams({ example: 'deadLetters', integrationId: pipelineId })}`;
}
