export { Denial, challenge, commitStep, defineStage, fieldError, invalid, pass, stage } from './stage.ts';
export type {
  AnyStage,
  CommitRequest,
  CommitStep,
  Effect,
  EffectScope,
  FieldError,
  Outcome,
  ResponseErrors,
  Settings,
  StageDefinition,
  StageRequest,
} from './stage.ts';
export {
  PlanDraft,
  accountHeld,
  activeWhenProven,
  authMethod,
  createdUser,
  failedPasswords,
  isRedirected,
  isRestored,
  lockedData,
  passwordMark,
  pendingUser,
  pendingUserIdentifier,
  planKey,
  promptData,
  provenEmail,
  redirectTo,
} from './plan.ts';
export type { Plan, PlanCommit, PlanKey } from './plan.ts';
export { planFlow } from './planner.ts';
export { challengeShape, replyShape, userInfo } from './challenge-shapes.ts';
export { titleOf } from './challenges.ts';
export { createFlowToken } from './flow-token.ts';
export {
  PLAN_CACHE_SECONDS,
  deleteFlowToken,
  endFlowTokens,
  findFlow,
  listBindings as listFlowBindings,
  listFlows,
  startFlowToken,
  takeFlowToken,
} from './store.ts';
export type { FlowRow } from './store.ts';
export { Flow, FlowSet, ThemedUrls } from './resources/flow.ts';
export { Stage, noFlows, stageBase } from './resources/stage.ts';
export { Link } from './endpoints/execute.ts';
export { userSettings } from './endpoints/user-settings.ts';
export { enforceLocked, isLockedKey, lockedValue } from './locked.ts';
export { linkCookie } from './link-cookie.ts';
export { localTarget } from './next-url.ts';
export { localeOf, redirectReply } from './page/headers.ts';
export { readForm } from './page/form.ts';
export { pageRoute } from './page/page-route.ts';
export { showOwnPage } from './page/show-own.ts';
export { checkCsrf, checkSameSite, sessionOf, visitorContext } from './visit.ts';
export { usedLink } from './used-link.ts';
export type { UsedLink } from './used-link.ts';
export { welcome } from './welcome.ts';
export type { Arrival, OwnPage, Welcome, WelcomeOutcome } from './welcome.ts';
export { passwordRule, refusalsOfPassword } from './password-rule.ts';
export type { PasswordRule } from './password-rule.ts';
export { refusedName, tellRefusedName } from './refused-name.ts';
export type { RefusedName } from './refused-name.ts';
export { baseUrl } from './base-url.ts';
export { FLOW_TOKEN } from './begin.ts';
export { blurTime } from './blur-time.ts';
export { ownOrigin } from '../../kernel/config/own-origin.ts';
export { offer } from './offer.ts';
export type { Offer } from './offer.ts';
export { answerCheck } from './answer-check.ts';
export type { AnswerCheck } from './answer-check.ts';
export { openFields } from './open-fields.ts';
export type { OpenFields } from './open-fields.ts';
export { brandSource } from './brand.ts';
export type { FlowBrand } from './brand.ts';
