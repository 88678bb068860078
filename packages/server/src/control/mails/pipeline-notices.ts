import type { Mail } from '../../delivery/mailer.ts';
import type { Retention } from '../../platform/quantity.ts';
import { keptFor } from './kept-for.ts';
import { type Addressed, type Letter, layOut } from './layout.ts';
import { pipelineLink } from './links.ts';
import { moment } from './moment.ts';
import { own, type Prose, prose } from './prose.ts';

/** What an Owner is told about a pipeline. */
export interface PipelineNotice extends Addressed {
  readonly organization: string;
  readonly source: string;
  readonly pipeline: { readonly id: string; readonly name: string };
  /** The name of the destination, such as `Customer.io`. */
  readonly destination: string;
  /** Since when it is as the notice says, in milliseconds since 1970. */
  readonly since: number;
  /** What came of the last attempt, in words for people and without secrets. */
  readonly reason: string;
  /** How many events wait for it now. */
  readonly waiting: number;
  /** How long and how much of the events is kept. */
  readonly retention: Retention;
}

/** To each Owner when a destination refuses our credentials: the pipeline waits for somebody to correct them. */
export function pipelinePausedNotice(notice: PipelineNotice & { readonly connection: string }): Mail {
  const { pipeline, destination, connection, since } = notice;
  return noticeMail(notice, {
    subject: prose`${pipeline.name} is paused: ${destination} refuses its credentials`,
    heading: 'A pipeline is paused',
    body: [
      prose`${destination} has been refusing the credentials of the connection ${connection} since ${moment(since)}. So we have paused the pipeline ${pipeline.name}.`,
      lastAttempt(notice),
      prose`${whatWaits(notice)} Correct the credentials, and the pipeline goes on by itself within a minute.`,
    ],
  });
}

/** To each Owner when every attempt has failed for an hour, and for a day. */
export function destinationFailingNotice(notice: PipelineNotice & { readonly hours: 1 | 24 }): Mail {
  const { pipeline, destination, since, hours } = notice;
  const howLong = hours === 1 ? 'an hour' : 'a day';
  const outlook =
    hours === 1
      ? prose`We try again at least once a minute, and send everything as soon as it is taken.`
      : prose`We go on trying. If it fails for 5 days, we switch the pipeline off.`;
  return noticeMail(notice, {
    subject: prose`${destination} has taken no events from ${pipeline.name} for ${own(howLong)}`,
    heading: `A destination has been failing for ${howLong}`,
    body: [
      prose`Since ${moment(since)}, every attempt to send events of the pipeline ${pipeline.name} to ${destination} has failed.`,
      lastAttempt(notice),
      prose`${whatWaits(notice)} ${outlook}`,
    ],
  });
}

/** To each Owner when every attempt has failed for five days, and the pipeline was switched off. */
export function pipelineSwitchedOffNotice(notice: PipelineNotice): Mail {
  const { pipeline, destination, since } = notice;
  return noticeMail(notice, {
    subject: prose`${pipeline.name} was switched off: ${destination} has been failing for 5 days`,
    heading: 'A pipeline was switched off',
    body: [
      prose`Since ${moment(since)}, every attempt to send events of the pipeline ${pipeline.name} to ${destination} has failed. So after 5 days, we switched the pipeline off.`,
      lastAttempt(notice),
      prose`${whatWaits(notice)} Switch the pipeline on when ${destination} works again: it goes on where it stopped. You can also replay the events of any time that are still kept.`,
    ],
  });
}

function noticeMail(notice: PipelineNotice, said: Pick<Letter, 'subject' | 'heading' | 'body'>): Mail {
  const { to, publicUrl, organization, source, pipeline } = notice;
  return layOut({
    ...said,
    to,
    publicUrl,
    button: { label: 'Look at the pipeline', link: pipelineLink(publicUrl, pipeline.id) },
    notes: [
      prose`The pipeline belongs to the source ${source}. You get this mail because you are an Owner of ${organization}.`,
    ],
  });
}

function lastAttempt({ reason }: PipelineNotice): Prose {
  return prose`The last attempt: ${reason}`;
}

/** How much is at stake, and until when. */
function whatWaits({ waiting, retention }: PipelineNotice): Prose {
  if (waiting === 0) return prose`Events are kept ${keptFor(retention)}.`;
  const count = waiting === 1 ? '1 event is' : `${waiting.toLocaleString('en-GB')} events are`;
  return prose`${own(count)} waiting, and kept ${keptFor(retention)}.`;
}
