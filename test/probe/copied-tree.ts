import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const STAGES = 'src/features/stages';
const CONFIGURATION = /^(package(-lock)?\.json|tsconfig\..*\.json|vite\.config\.ts)$/;
const MADE_BY_BUILDING = /^(node_modules|dist|data)(\/|$)/;

export type CopiedTree = {
  readonly root: string;
  /** The folders that were added to it. */
  readonly added: readonly string[];
  /** Sources and configuration that are not as they were copied: changed, gone or new, except in the added folders. */
  changes(): string[];
  /** Runs one of its programs with Node in its root; answers what was printed. Throws when that fails. */
  run(...args: readonly string[]): string;
  /** What the check of the import rules says, whether it passes or not. */
  importRules(): string;
  remove(): void;
};

/** A copy of the real tree, with every stage of `test/probe-stage/` put where stages are, and nothing else touched. */
export function copyTree(): CopiedTree {
  const root = mkdtempSync(join(tmpdir(), 'vestibule-probe-'));
  const names = readdirSync(repository).filter((name) => CONFIGURATION.test(name));
  for (const name of [...names, 'src', 'scripts']) {
    cpSync(join(repository, name), join(root, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const before = digests(root);
  const probes = join(repository, 'test/probe-stage');
  const folders = readdirSync(probes, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const added = folders.map(({ name }) => `${STAGES}/${name}`);
  for (const folder of added) {
    cpSync(join(probes, relative(STAGES, folder)), join(root, folder), { recursive: true, errorOnExist: true });
    settleImports(join(root, folder));
  }
  return {
    root,
    added,
    changes() {
      const after = digests(root);
      const paths = [...new Set([...before.keys(), ...after.keys()])];
      const outside = paths.filter((path) => !added.some((folder) => path.startsWith(`${folder}/`)));
      return outside.filter((path) => before.get(path) !== after.get(path));
    },
    run(...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
      return stdout;
    },
    importRules: () =>
      spawnSync(process.execPath, ['scripts/import-rules.mjs'], { cwd: root, encoding: 'utf8' }).stdout,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** `test/probe-stage/x` lies as deep below the root as `src/features/stages/x` below `src`. */
function settleImports(folder: string): void {
  for (const path of filesOf(folder).filter((name) => /\.tsx?$/.test(name))) {
    const file = join(folder, path);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/from '((?:\.\.\/)+)src\//g, "from '$1"));
  }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function digests(root: string): Map<string, string> {
  const files = filesOf(root).filter((path) => !MADE_BY_BUILDING.test(path));
  return new Map(
    files.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex'),
    ]),
  );
}
