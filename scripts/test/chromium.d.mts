export const HOW_TO_INSTALL: string;
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined;
