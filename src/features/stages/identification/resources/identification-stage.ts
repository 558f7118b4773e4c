import { Flow, Stage, stageBase } from '../../../../core/flows/index.ts';
import type { Queryable } from '../../../../kernel/db/types.ts';
import { ValidationError } from '../../../../kernel/errors/api-error.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { messages } from '../../../../kernel/resource/messages.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';
import { PASSWORD_TYPE } from '../embedded-password.ts';
import { findStageType } from '../store.ts';
import { USER_FIELDS } from '../user-fields.ts';

type Key = string | number | null;
type References = {
  readonly password_stage?: Key;
  readonly captcha_stage?: Key;
  readonly webauthn_stage?: Key;
  readonly sources?: readonly string[];
};

// The stages' own tables belong to other features, so the reference is to the base and its type is looked at here.
const STAGE_TYPES = [
  ['password_stage', PASSWORD_TYPE],
  ['captcha_stage', 'captcha'],
  ['webauthn_stage', 'authenticator_validate'],
] as const;

/** @throws ValidationError for a reference to a stage of another kind, or to a source: there are none yet */
async function checkReferences(input: References, db: Queryable): Promise<void> {
  const faults: [string, string[]][] = [];
  for (const [field, type] of STAGE_TYPES) {
    const key = input[field];
    if (key === undefined || key === null) continue;
    if ((await findStageType(db, String(key))) !== type) faults.push([field, [messages.pkUnknown(String(key))]]);
  }
  const source = input.sources?.[0];
  if (source !== undefined) faults.push(['sources', [messages.pkUnknown(source)]]);
  if (faults.length > 0) throw new ValidationError(Object.fromEntries(faults));
}

const stageReference = (description: string) =>
  f.pk(() => Stage, { nullable: true, onDelete: 'set_null', description });
const flowReference = (description: string) => f.pk(() => Flow, { nullable: true, onDelete: 'set_null', description });

/** The settings of an identification stage. */
export const IdentificationStage = defineResource({
  name: 'IdentificationStage',
  model: 'authentik_stages_identification.identificationstage',
  path: '/stages/identification/',
  table: 'identification_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'identification',
    component: 'ak-stage-identification-form',
    model: 'authentik_stages_identification.identificationstage',
    verboseName: 'Identification Stage',
    description: 'Identify the user for authentication.',
  }),
  fields: {
    user_fields: f.list(f.choice('UserFieldsEnum', USER_FIELDS), {
      required: false,
      description: 'Fields of the user object to match against. (Hold shift to select multiple options)',
    }),
    password_stage: stageReference(
      'When set, shows a password field, instead of showing the password field as separate step.',
    ),
    captcha_stage: stageReference(
      'When set, adds functionality exactly like a Captcha stage, but baked into the Identification stage.',
    ),
    case_insensitive_matching: f.boolean({
      required: false,
      description: 'When enabled, user fields are matched regardless of their casing.',
    }),
    show_matched_user: f.boolean({
      required: false,
      description:
        "When a valid username/email has been entered, and this option is enabled, the user's username and avatar will be shown. Otherwise, the text that the user entered will be shown",
    }),
    enrollment_flow: flowReference('Optional enrollment flow, which is linked at the bottom of the page.'),
    recovery_flow: flowReference('Optional recovery flow, which is linked at the bottom of the page.'),
    passwordless_flow: flowReference('Optional passwordless flow, which is linked at the bottom of the page.'),
    sources: f.list(f.uuid(), { required: false, description: 'Specify which sources should be shown.' }),
    show_source_labels: f.boolean({ required: false }),
    pretend_user_exists: f.boolean({
      required: false,
      description: 'When enabled, the stage will succeed and continue even when incorrect user info is entered.',
    }),
    enable_remember_me: f.boolean({
      required: false,
      description:
        "Show the user the 'Remember me on this device' toggle, allowing repeat users to skip straight to entering their password.",
    }),
    webauthn_stage: stageReference(
      'When set, and conditional WebAuthn is available, allow the user to use their passkey as a first factor.',
    ),
  },
  filters: [
    'name',
    'password_stage',
    'captcha_stage',
    'case_insensitive_matching',
    'show_matched_user',
    'enrollment_flow',
    'recovery_flow',
    'passwordless_flow',
    'show_source_labels',
    'webauthn_stage',
  ],
  search: ['name'],
  ordering: ['name'],
  validate: (input, { db }) => checkReferences(input, db),
});
