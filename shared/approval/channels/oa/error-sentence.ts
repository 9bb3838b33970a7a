/** The codes of errors that a round asked at an OA can have. */
export type OaRoundError = 'OA_UNAVAILABLE' | 'CANCEL_REFUSED';

/** The texts of `error.message` on the record (docs/contract.md 1). */
export const OA_ERROR_SENTENCES: Readonly<Record<OaRoundError, string>> = {
  OA_UNAVAILABLE:
    'The OA system has not answered for a day. Nothing is wrong with the issue; the request is repeated ' +
    'until the OA system answers.',
  CANCEL_REFUSED:
    'The OA system did not withdraw the old request, so it may still be open. ' +
    'A decision on it will not be applied.',
};
