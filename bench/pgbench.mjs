import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ script: string, defines: readonly string[] }} Plan a pgbench script and its variables */

/**
 * pgbench takes `:name` for a variable, inside of literals too (`HH24:MI`), so there the colon is written as an escape;
 * to PostgreSQL it is the same constant.
 */
function hideColons(text) {
  const hidden = text.replace(/'(?:[^']|'')*'/g, (literal) =>
    /:[A-Za-z_]/.test(literal) ? `E${literal.replaceAll('\\', '\\\\').replaceAll(':', '\\x3a')}` : literal,
  );
  if (/(?<!:):[A-Za-z_]/.test(hidden)) throw new Error(`pgbench cannot send this statement: ${text}`);
  return hidden;
}

/**
 * A pgbench script that sends exactly these statements, with the same values; only the invitation's key is the client's
 * own. It is looked up once a client.
 * @param {readonly import('./statements.mjs').Statement[]} statements
 * @param {string} key the key in the captured values
 * @returns {Plan}
 */
export function planOf(statements, key) {
  const defines = ['loaded=0'];
  const lines = statements.map(({ text, values }, index) => {
    const sql = hideColons(text).replace(/\$(\d+)/g, (_, number) => {
      const value = values.get(Number(number));
      if (value === undefined) throw new Error(`The log tells no value of $${number} in: ${text}`);
      if (value === null) return 'null';
      if (value === key) return ':key';
      const name = `v${index}_${number}`;
      if (!defines.includes(`${name}=${value}`)) defines.push(`${name}=${value}`);
      return `:${name}`;
    });
    return `${sql.trim()};`;
  });
  const findKey = [
    '\\if :loaded',
    '\\else',
    `select invite_uuid as key from invitation where name like 'bench-%' order by created offset :client_id limit 1 \\gset`,
    '\\set loaded 1',
    '\\endif',
  ];
  return { script: `${[...findKey, ...lines].join('\n')}\n`, defines };
}

/**
 * Runs pgbench with prepared statements.
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {Plan} plan
 * @param {{ database: string, clients: number, seconds: number }} how
 * @returns {Promise<{ perSecond: number, p50: undefined, meanMs: number }>}
 */
export async function runPgbench(cluster, plan, { database, clients, seconds }) {
  const directory = mkdtempSync(join(tmpdir(), 'vestibule-pgbench-'));
  const script = join(directory, 'script.sql');
  writeFileSync(script, plan.script);
  const variables = plan.defines.flatMap((define) => ['-D', define]);
  const size = ['-c', String(clients), '-j', '2', '-T', String(seconds)];
  const server = ['-h', cluster.host, '-p', String(cluster.port), '-U', 'postgres'];
  const args = ['-n', '-M', 'prepared', ...size, ...server, ...variables, '-f', script, database];
  try {
    return readReport(await run(join(cluster.bin, 'pgbench'), args));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readReport(report) {
  const number = (pattern) => Number(pattern.exec(report)?.[1]);
  const result = { perSecond: number(/^tps = ([\d.]+)/m), meanMs: number(/^latency average = ([\d.]+) ms/m) };
  if (!(result.perSecond > 0) || /aborted/.test(report)) throw new Error(`pgbench failed:\n${report}`);
  return result;
}

function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`pgbench failed:\n${output}`))));
  });
}
