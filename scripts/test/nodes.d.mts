export type NodePackage = { readonly name: string; readonly version: string };
export function nodesOf(
  manifest: { readonly dependencies: Readonly<Record<string, string>> },
  wanted: string,
): NodePackage[];
export function readVersions(home: string): Map<string, string>;
