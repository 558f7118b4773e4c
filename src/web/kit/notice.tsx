import type { ComponentChildren } from 'preact';

export type Tone = 'info' | 'warning' | 'danger';

type NoticeProps = { readonly tone: Tone; readonly children: ComponentChildren; readonly urgent?: boolean };

/** A coloured box with a message. `urgent` ones are read out at once. */
export function Notice({ tone, children, urgent = false }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={urgent ? 'alert' : undefined} tabIndex={urgent ? -1 : undefined}>
      <NoticeMark tone={tone} />
      <div class="notice-text">{children}</div>
    </div>
  );
}

function NoticeMark({ tone }: { readonly tone: Tone }) {
  return (
    <svg class="notice-mark" viewBox="0 0 20 20" aria-hidden="true">
      {tone === 'warning' ? <path d="M10 2.5 18.5 17.5h-17z" /> : <circle cx="10" cy="10" r="8" />}
      {tone === 'info' ? <path d="M10 9.2v4.6M10 6.1v.2" /> : <path d="M10 7.4v4M10 14.3v.2" />}
    </svg>
  );
}
