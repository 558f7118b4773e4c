import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What a check said: its exit code, the lines that name a fault, and everything. */
export type Verdict = { readonly code: number | null; readonly lines: readonly string[]; readonly output: string };

export type PlantedTree = {
  readonly root: string;
  /** Writes a file below the copy's root, such as `src/kernel/planted.ts`. */
  plant(path: string, text: string): void;
  /** Makes what was planted so far part of the copy. */
  settle(): void;
  /** Removes what was planted since; a file that was replaced is restored. */
  clear(): void;
  /** Runs a script of `scripts/` on the copy. */
  check(script: string): Verdict;
  remove(): void;
};

/**
 * A copy of the real `src/`, or of nothing, in a temporary directory.
 * @param options `empty` leaves the copy without `src/`
 */
export function plantedTree(options: { readonly empty?: boolean } = {}): PlantedTree {
  const root = mkdtempSync(join(tmpdir(), 'vestibule-plants-'));
  if (!options.empty) cpSync(join(repository, 'src'), join(root, 'src'), { recursive: true });
  const replaced = new Map<string, string | undefined>();
  return {
    root,
    plant(path, text) {
      const file = join(root, path);
      if (!replaced.has(file)) replaced.set(file, existsSync(file) ? readFileSync(file, 'utf8') : undefined);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    settle: () => replaced.clear(),
    clear() {
      for (const [file, text] of replaced) {
        if (text === undefined) rmSync(file);
        else writeFileSync(file, text);
      }
      replaced.clear();
    },
    check(script) {
      const args = [join(repository, 'scripts', script), '--root', root];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      const lines = stdout.split('\n').filter((line) => /^(rule |src\/)/.test(line));
      return { code: status, lines, output: stdout + stderr };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
