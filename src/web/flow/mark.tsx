/** The house's mark: an arch, and in it a door that stands ajar. */
export function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 40 40" aria-hidden="true">
      <path class="mark-arch" d="M5 37V19a15 15 0 0 1 30 0v18z" />
      <path class="mark-light" d="M12 37V19.5a8 8 0 0 1 16 0V37z" />
      <path class="mark-door" d="M12 37V19.5a8 8 0 0 1 8-8l1 .1V33z" />
      <circle class="mark-knob" cx="18.4" cy="24" r="1.1" />
    </svg>
  );
}
