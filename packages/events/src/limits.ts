/** A kilobyte as the documented limits count it. */
export const KB = 1024;

/** The most bytes that one event's JSON may have before inheritance, unless the operator raises it. */
export const EVENT_BYTES_DEFAULT = 15 * KB;

/** The most bytes of a request's body, counted both as it arrives and after gunzip. */
export const REQUEST_BYTES_MAX = 500 * KB;

/** The most events in one batch. SDKs never send more in one request. */
export const BATCH_ITEMS_MAX = 2_500;

/** How deep one event may nest, its own braces being level 1. Serializers give up at a few thousand levels. */
export const DEPTH_MAX = 64;

/** How many keys one event may hold, all levels together. */
export const KEYS_MAX = 10_000;

/** The longest messageId, in UTF-16 units. SDKs make about 60; a longer one is refused, never cut, so that no two collide. */
export const MESSAGE_ID_CHARS_MAX = 100;

/** The longest value of a custom event's metadata, in UTF-16 units: each is stored up to four times with its event. */
export const METADATA_CHARS_MAX = 1_024;
