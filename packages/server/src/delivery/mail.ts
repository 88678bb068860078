/** A mail to one person, in the two forms that every mail has. */
export interface Mail {
  /** One plain address, without a name. */
  readonly to: string;
  /** One line; line breaks in it become spaces. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail as it goes over the wire or into a file: the same bytes, and the same Message-ID, at every attempt. */
export interface MailMessage {
  /** The address that the mail is from. */
  readonly from: string;
  readonly to: string;
  /** Headers and body, in the format of RFC 5322. */
  readonly bytes: Buffer;
}

/** What came of an attempt to hand a mail over. Reasons are for people, in one line, without addresses. */
export type Carried =
  | { readonly kind: 'taken' }
  /** This mail will never be taken. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** This mail is not taken now; others may be. */
  | { readonly kind: 'postponed'; readonly reason: string }
  /** No mail can be handed over now. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** A way that mails go. */
export interface MailCarrier {
  /** Hands one mail over, and gives up when `stop` is aborted. Never rejects. */
  carry(message: MailMessage, stop: AbortSignal): Promise<Carried>;
  close(): void;
}
