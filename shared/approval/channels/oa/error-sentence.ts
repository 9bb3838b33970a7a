/** The codes of errors that a round asked at an OA can have. */
export type OaRoundError = 'OA_UNAVAILABLE' | 'CANCEL_REFUSED';

/** `error.message` on the record (docs/contract.md 1). */
export const OA_ERROR_SENTENCES: Readonly<Record<OaRoundError, string>> = {
  OA_UNAVAILABLE:
    'The OA system has been out of reach for a day. Nothing is wrong with the issue; it is asked again ' +
    'until it answers.',
  CANCEL_REFUSED:
    'The OA system did not take the old request back, so it may still stand open. ' +
    'A decision on it will not be applied.',
};
