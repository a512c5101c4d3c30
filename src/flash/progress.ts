export type FlashStep = 'erase' | 'write' | 'verify';

/** Bytes of a step; `done` never goes back within one. */
export type OnFlashProgress = (step: FlashStep, done: number, total: number) => void;
