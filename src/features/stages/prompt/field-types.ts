/** Every type of the wire (schema.yml, PromptTypeEnum), in its order. */
export const PROMPT_TYPES = [
  'text',
  'text_area',
  'text_read_only',
  'text_area_read_only',
  'username',
  'email',
  'password',
  'number',
  'checkbox',
  'radio-button-group',
  'dropdown',
  'date',
  'date-time',
  'file',
  'separator',
  'hidden',
  'static',
  'alert_info',
  'alert_warning',
  'alert_danger',
  'ak-locale',
] as const;

export type PromptType = (typeof PROMPT_TYPES)[number];

const KNOWN: ReadonlySet<string> = new Set(PROMPT_TYPES);

/** Whether a stored text is a type that this version knows. */
export function isPromptType(text: string): text is PromptType {
  return KNOWN.has(text);
}

const CHOICES: ReadonlySet<PromptType> = new Set<PromptType>(['radio-button-group', 'dropdown']);
const FIXED: ReadonlySet<PromptType> = new Set<PromptType>([
  'hidden',
  'static',
  'text_read_only',
  'text_area_read_only',
]);
const DECORATION: ReadonlySet<PromptType> = new Set<PromptType>([
  'separator',
  'alert_info',
  'alert_warning',
  'alert_danger',
]);

/** Types that offer a list to choose from. */
export const hasChoices = (type: PromptType): boolean => CHOICES.has(type);
/** Types whose submitted value is ignored: what the server shows is what counts. */
export const isFixed = (type: PromptType): boolean => FIXED.has(type);
/** Types that only show something and have no value. */
export const isDecoration = (type: PromptType): boolean => DECORATION.has(type);
