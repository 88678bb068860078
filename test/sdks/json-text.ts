/**
 * How the languages write JSON. All of it means the same, but the door stores received bytes as they are, so each
 * way is sent as its language writes it.
 */
export type JsonText = (value: unknown) => string;

/** Without spaces and escaping only what must be: Ruby, C#, Kotlin, Swift, React Native. */
export const plainJson: JsonText = (value) => JSON.stringify(value);

/** Python: spaces after commas and colons, and everything outside of ASCII escaped. */
export const pythonJson: JsonText = (value) => {
  const spaced = JSON.stringify(value, undefined, 1).replaceAll(/\n */g, ' ');
  return asciiOnly(spaced.replaceAll(/([[{]) | ([\]}])/g, '$1$2'));
};

/** PHP: slashes and everything outside of ASCII escaped. */
export const phpJson: JsonText = (value) => asciiOnly(JSON.stringify(value).replaceAll('/', '\\/'));

/** Go, and Java's Gson: what could end a script element escaped. */
export const htmlSafeJson: JsonText = (value) => JSON.stringify(value).replaceAll(/[<>&]/g, escaped);

/** Apple's NSJSONSerialization: slashes escaped. */
export const appleJson: JsonText = (value) => JSON.stringify(value).replaceAll('/', '\\/');

function asciiOnly(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
