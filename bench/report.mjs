const TARGET = 0.55;
/** The share that other programs may take; what they do hits one busy process harder than pgbench's many. */
export const QUIET = 0.1;
const ENOUGH = 3;

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const medianOf = (rows, key) => median(rows.map((row) => row[key]));
const show = (value, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

function row(name, rows) {
  const isServer = !name.startsWith('pgbench');
  const numbers = [
    show(medianOf(rows, 'perSecond')),
    rows.map(({ perSecond }) => show(perSecond)).join(' '),
    isServer ? show(medianOf(rows, 'p50'), 1) : show(medianOf(rows, 'meanMs'), 1),
    isServer ? show(medianOf(rows, 'p99'), 1) : '–',
    isServer ? show(medianOf(rows, 'serverMicros')) : '–',
    show(medianOf(rows, 'databaseMicros')),
    show(medianOf(rows, 'clientMicros')),
    `${show(medianOf(rows, 'others') * 100)}%`,
  ];
  return `| ${name} | ${numbers.join(' | ')} |`;
}

/** Without the rounds in which other programs were busy, where enough are left. */
function quietRounds(results) {
  const chosen = {};
  for (const [name, rows] of Object.entries(results)) {
    const quiet = rows.filter(({ others }) => others < QUIET);
    chosen[name] = quiet.length >= ENOUGH ? quiet : rows;
    const share = `${quiet.length} of ${rows.length} rounds`;
    if (quiet.length < ENOUGH)
      console.log(`Not to be relied on: other programs were busy, only ${share} quiet: ${name}`);
  }
  return chosen;
}

/** Requests as a share of what the better pgbench run did with the same statements; by medians. */
function ratio(results, name) {
  const limits = Object.keys(results).filter((key) => key.startsWith(`pgbench ${name},`));
  const best = Math.max(...limits.map((key) => medianOf(results[key], 'perSecond')));
  return medianOf(results[name], 'perSecond') / best;
}

/**
 * Prints the table and the ratios.
 * @returns {boolean} whether PUT reached the target
 */
export function printReport({ setting, statements, results: all }) {
  const results = quietRounds(all);
  const { machine, generator, connections, seconds, rounds } = setting;
  console.log(`\n${machine}; ${connections} connections by ${generator}, ${rounds} rounds of ${seconds} s, medians\n`);
  console.log(
    '| | per second | rounds | p50 ms (pgbench: mean) | p99 ms | server CPU µs | database CPU µs | client CPU µs | other programs |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, rows] of Object.entries(results)) console.log(row(name, rows));
  console.log(`\nQueries per request: PUT ${statements.put.length}, GET ${statements.get.length}`);
  const put = ratio(results, 'PUT');
  console.log(`Ratio to pgbench: PUT ${put.toFixed(2)} (target ${TARGET}), GET ${ratio(results, 'GET').toFixed(2)}`);
  return put >= TARGET;
}
