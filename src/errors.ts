/** The one error class of the library: what went wrong, where, and how to mend it. */
import { STATUS, statusName, type StatusName } from './schema/status.js';

export type ErrorCode =
  | Exclude<StatusName, 'ok'>
  | 'file_not_found'
  | 'file_unreadable'
  | 'file_unwritable'
  | 'bad_checkpoint'
  | 'unsupported_model'
  | 'bad_text'
  | 'usage'
  | 'unknown_board'
  | 'no_such_port'
  | 'port_busy'
  | 'port_denied'
  | 'port_lost'
  | 'no_answer'
  | 'tool_missing'
  | 'emulator_failed'
  | 'no_boot_loader'
  | 'no_such_drive'
  | 'wrong_board'
  | 'flash_protected'
  | 'flash_failed'
  | 'closed';

export class LinnetError extends Error {
  override readonly name = 'LinnetError';

  /**
   * @param code machine-readable, stable
   * @param what what is wrong, a phrase without a full stop
   * @param where the file, tensor, option, port… it was found in
   * @param remedy how to mend it
   */
  constructor(
    readonly code: ErrorCode,
    readonly what: string,
    readonly where: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${what} (${where})${remedy ? `: ${remedy}` : ''}`, options);
  }

  /** The error of an engine or link status code. */
  static fromStatus(code: number, where: string): LinnetError {
    const name = statusName(code);
    if (name === undefined || name === 'ok')
      return new LinnetError('bad_message', `unknown status ${code}`, where, STATUS.bad_message.remedy);
    return new LinnetError(name, STATUS[name].message, where, STATUS[name].remedy);
  }
}
