import type { PromptRow } from './store.ts';

/** A prompt as it is stored; name only what matters. */
export function aPrompt(row: Partial<PromptRow> = {}): PromptRow {
  const key = row.field_key ?? 'field';
  return {
    field_key: key,
    label: key,
    type: 'text',
    required: true,
    placeholder: '',
    initial_value: '',
    order: 0,
    sub_text: '',
    ...row,
  };
}

/** What builders need of a test's app: requests with the administrator's token. */
export type Api = {
  api(
    method: string,
    path: string,
    json?: unknown,
  ): Promise<{ readonly status: number; readonly body: { pk: string } }>;
};

let made = 0;

/** Creates an object and answers its key. */
export async function create(app: Api, path: string, body: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await app.api('POST', `/api/v3${path}`, body);
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.pk;
}

/** Creates a stage under a name of its own; `path` is that of its kind, such as `/stages/deny/`. */
export function buildStage(app: Api, path: string, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  made += 1;
  return create(app, path, { name: `stage-${made}`, ...body });
}

/** Creates prompts from key and what matters (by default required text), and the stage that shows them. */
export async function buildPromptStage(
  app: Api,
  prompts: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<string> {
  const fields: string[] = [];
  for (const [order, [key, prompt]] of Object.entries(prompts).entries()) {
    made += 1;
    const base = { name: `prompt-${made}`, field_key: key, label: key, type: 'text', order };
    fields.push(await create(app, '/stages/prompt/prompts/', { ...base, ...prompt }));
  }
  return buildStage(app, '/stages/prompt/stages/', { fields });
}

/** Creates a flow that shows the stages one after the other; answers its slug. */
export async function buildFlow(
  app: Api,
  stages: readonly string[],
  flow: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  made += 1;
  const slug = `flow-${made}`;
  const target = await create(app, '/flows/instances/', {
    name: slug,
    slug,
    title: slug,
    designation: 'enrollment',
    ...flow,
  });
  for (const [order, stage] of stages.entries()) await create(app, '/flows/bindings/', { target, stage, order });
  return slug;
}
