export type DiagramPolicy = { readonly kind: string; readonly name: string };

export type DiagramStep = {
  readonly kind: string;
  readonly name: string;
  /** Judged before the stage; refused, the stage is left out. */
  readonly policies: readonly DiagramPolicy[];
};

export type DiagramInput = {
  readonly name: string;
  /** Judged before the flow; refused, the flow does not apply. */
  readonly policies: readonly DiagramPolicy[];
  readonly steps: readonly DiagramStep[];
};

/** A node of the chain, the policies before it, and where it leads when they refuse. */
type Link = {
  readonly id: string;
  readonly text: string;
  readonly policies: readonly DiagramPolicy[];
  readonly refused: string;
};

// Mermaid gives these a meaning of its own, so they go in as its entity codes.
const label = (text: string): string => text.replace(/[#"<>[\](){}|\\\n]/g, (symbol) => `#${symbol.charCodeAt(0)};`);

/** The link's node with its policies between it and the node before. */
function drawLink(from: string, { id, text, policies, refused }: Link): string[] {
  const gates = policies.map((_policy, index) => `${id}_policy_${index}`);
  const nodes = policies.map(({ kind, name }, index) => `${gates[index]}[["${kind}\n${label(name)}"]]`);
  const stops = [from, ...gates, id];
  const edges = stops.slice(1).map((to, index) => {
    const passed = index === 0 ? '-->' : '-- "Policy passed" -->';
    return `${stops[index]} ${passed} ${to}`;
  });
  return [...nodes, `${id}${text}`, ...edges, ...gates.map((gate) => `${gate} -- "Policy denied" --> ${refused}`)];
}

/** A flow as Mermaid text (contract part 2, section 12). */
export function drawFlow({ name, policies, steps }: DiagramInput): string {
  const lines = ['graph TD', `flow_start[["Flow\n${label(name)}"]]`];
  const stages = steps.map((step, index): Link => ({
    id: `stage_${index}`,
    text: `["Stage (${label(step.kind)})\n${label(step.name)}"]`,
    policies: step.policies,
    refused: index + 1 < steps.length ? `stage_${index + 1}` : 'done',
  }));
  const gate: Link = { id: 'flow_applies', text: '(["The flow applies"])', policies, refused: 'denied' };
  const end: Link = { id: 'done', text: '[["End of the flow"]]', policies: [], refused: 'done' };
  let from = 'flow_start';
  for (const link of [...(policies.length > 0 ? [gate] : []), ...stages, end]) {
    lines.push(...drawLink(from, link));
    from = link.id;
  }
  if (policies.length > 0) lines.push('denied[["Access denied"]]');
  return lines.join('\n');
}
