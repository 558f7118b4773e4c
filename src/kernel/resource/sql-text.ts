/** Quotes an identifier from a declaration; columns such as `order` are reserved words. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal from a declaration; values from outside go into parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column of a table alias. */
export function columnOf(alias: string, column: string): string {
  return `${alias}.${identifier(column)}`;
}

/** Texts differ at most in this many ways for one model; more would fill the server's memory with prepared statements. */
const MAX_PREPARED = 64;

/** Keeps generated texts by name; when there are too many it starts anew. */
export function createTextCache(): (name: string, make: () => string) => string {
  const texts = new Map<string, string>();
  return (name, make) => {
    const known = texts.get(name);
    if (known !== undefined) return known;
    if (texts.size >= MAX_PREPARED) texts.clear();
    const text = make();
    texts.set(name, text);
    return text;
  };
}

/** Remembers which generated texts may be prepared: the first ones; rarer ones are planned each time. */
export function createTextBudget(): { mayPrepare(text: string): boolean } {
  const known = new Set<string>();
  return {
    mayPrepare(text) {
      if (known.has(text)) return true;
      if (known.size >= MAX_PREPARED) return false;
      known.add(text);
      return true;
    },
  };
}
