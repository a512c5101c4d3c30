/** Where Linnet keeps what stays between runs: $LINNET_HOME, by default ~/.cache/linnet. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function linnetHome(): string {
  return process.env['LINNET_HOME'] || join(homedir(), '.cache', 'linnet');
}
