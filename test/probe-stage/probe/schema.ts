/** The challenge's name on the wire; the page and the server share it. */
export const COMPONENT = 'ak-stage-probe';
