/**
 * A child process that never outlives this one, however this one ends: also by SIGKILL, where no handler runs.
 *
 * A shell stands between: it holds the read end of a pipe whose write end is ours alone. When we end, the
 * system closes our end, the shell's `read` returns and it kills the child. The child gets a session of its
 * own, so a Ctrl-C in the terminal goes to us and not to it.
 */
import { spawn, type ChildProcess } from 'node:child_process';

/* fd 3 is the pipe. `wait` gives the child's exit status; the guard is killed when the child ends first. */
const GUARD = `
exec 3<&0
"$@" <&3 3<&- & child=$!
{ read -r _ <&3; kill -KILL $child; } >/dev/null 2>&1 & guard=$!
exec 3<&-
wait $child; status=$?
kill -KILL $guard 2>/dev/null
exit $status`;

const MAX_STDERR = 4096;
/** The guard kills within milliseconds. */
const GUARD_PATIENCE_MS = 1000;

export interface Exit {
  /** Exit status as a shell has it: 128 + n after signal n; 127: program not found. */
  readonly status: number;
  /** The last of what it wrote to stderr. */
  readonly stderr: string;
}

export class GuardedProcess {
  /** Settles when the child has ended; never rejects. */
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private stderr = '';

  constructor(program: string, args: readonly string[], onStdout: (text: string) => void) {
    this.child = spawn('/bin/sh', ['-c', GUARD, 'linnet-guard', program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdin!.on('error', () => undefined); // it ended before we said so
    this.child.stdout!.setEncoding('utf8').on('data', onStdout);
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-MAX_STDERR);
    });
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve({ status: 127, stderr: error.message }));
      this.child.on('close', (code) => resolve({ status: code ?? 128, stderr: this.stderr }));
    });
  }

  /** Process group of the child and its guard. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    this.child.stdin!.end();
    // A group that somebody froze cannot even guard.
    const frozen = setTimeout(() => this.killGroup(), GUARD_PATIENCE_MS);
    await this.exited;
    clearTimeout(frozen);
  }

  private killGroup(): void {
    try {
      process.kill(-this.child.pid!, 'SIGKILL');
    } catch {
      // It has ended just now.
    }
  }
}
