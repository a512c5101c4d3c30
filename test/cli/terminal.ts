/** A real terminal (tmux) with a shell in it, to type into and to look at. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export function hasPrograms(...programs: string[]): boolean {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length > 0) console.warn(`SKIPPED: terminal tests, for ${missing.join(', ')} is not installed`);
  return missing.length === 0;
}

export class Terminal {
  /** LINNET_HOME of what runs in it; deleted at the end. */
  readonly home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  private readonly server = join(this.home, 'tmux');

  constructor(width = 100, height = 40) {
    const size = ['-x', String(width), '-y', String(height)];
    const shell = ['env', 'PS1=READY ', `LINNET_HOME=${this.home}`, 'bash', '--norc'];
    this.tmux('new-session', '-d', ...size, ...shell);
  }

  /** Text, or names of keys as tmux has them: "Enter", "C-c", "Up". */
  type(...keys: string[]): void {
    this.tmux('send-keys', ...keys);
  }

  /** As the terminal's own paste does it, with marks around it if the program asked for them. */
  paste(text: string): void {
    execFileSync('tmux', ['-S', this.server, 'load-buffer', '-'], { input: text });
    this.tmux('paste-buffer', '-p');
  }

  /** All it has shown; lines broken by its width are joined. @param escapes with colours */
  screen(escapes = false): string {
    return this.tmux('capture-pane', '-p', '-J', '-S', '-', ...(escapes ? ['-e'] : [])).trimEnd();
  }

  async sees(pattern: RegExp): Promise<string> {
    return this.finds(String(pattern), (screen) => (pattern.test(screen) ? screen : undefined));
  }

  /** Looks at the screen until `look` finds something. */
  async finds<T>(what: string, look: (screen: string) => T | undefined): Promise<T> {
    for (let i = 0; i < 400; i++) {
      const found = look(this.screen());
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never saw ${what} in\n${this.screen()}`);
  }

  /** Starts `linnet …` from its source; `exit=<code>` shows its end. Before it there may be "NAME=value". */
  linnet(...args: string[]): void {
    const count = args.findIndex((arg) => !/^[A-Z_]+=/.test(arg));
    const environment = args.splice(0, count).join(' ');
    const program = `${environment} ${process.execPath} --import tsx src/cli/main.ts ${args.join(' ')}`;
    this.type(`stty -a > ${this.home}/before; ${program}; echo exit=$?; stty -a > ${this.home}/after`, 'Enter');
  }

  /** Waits for the end of `linnet`, and sees that it left the terminal as it was and no process behind. */
  async expectGone(code = 0): Promise<void> {
    await this.sees(new RegExp(`exit=${code}\\s+READY`));
    const [before, after] = ['before', 'after'].map((name) => readFileSync(join(this.home, name), 'utf8'));
    expect(after).toBe(before);
    expect(this.processes()).toEqual([]);
  }

  /** What runs in it, the terminal itself aside. */
  processes(pattern = /^/): { pid: number; command: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          const ours = environment.includes(`LINNET_HOME=${this.home}`) && !/^bash|^env|^tmux/.test(command);
          return ours && pattern.test(command) ? [{ pid: Number(pid), command }] : [];
        } catch {
          return []; // gone meanwhile
        }
      });
  }

  close(): void {
    this.tmux('kill-server');
    rmSync(this.home, { recursive: true, force: true });
  }

  private tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.server, '-f', '/dev/null', ...args], { cwd: ROOT, encoding: 'utf8' });
  }
}
