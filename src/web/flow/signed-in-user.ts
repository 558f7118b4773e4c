import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PageUser } from './page-input.ts';

export const SignedInContext = createContext<PageUser | undefined>(undefined);

/** Who was signed in when the page was opened. */
export function useSignedIn(): PageUser | undefined {
  return useContext(SignedInContext);
}
