/** Text from models, files and boards, made safe for a terminal: no escape sequences, no cursor moves. */

/** Replaces control characters other than newline and tab by U+FFFD. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
