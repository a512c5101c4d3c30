/** Every check of docs/format.md refuses what it is for, with its own status. */
import { STATUS, type StatusName } from '../../src/schema/status';
import { writeImage } from '../../src/image/write';
import { damage, verdict } from '../conformance/damage';
import { editsOf, FAULTS } from '../conformance/faults/index';
import { MODELS } from '../conformance/models';

const images = new Map(Object.entries(MODELS).map(([name, make]) => [name, writeImage(make())]));

test.each(FAULTS.map((fault) => [fault.status, fault.name, fault] as const))('%s: %s', (status, _name, fault) => {
  const whole = images.get(fault.image)!;
  const size = fault.size?.(whole.length) ?? whole.length;
  const found = verdict(damage(whole, size, editsOf(fault, whole), fault.staleCrc !== true));
  expect(found.status).toBe(status);
  expect(found.where).toBeLessThanOrEqual(whole.length);
});

test('every status of an image has a fault here', () => {
  const imageStatuses = Object.entries(STATUS).flatMap(([name, { code }]) => (code < 32 ? [name as StatusName] : []));
  const covered = new Set(FAULTS.map((fault) => fault.status));
  // misaligned_image is for engines that read in place, missing_op for firmware with chosen ops.
  expect(imageStatuses.filter((name) => !covered.has(name))).toEqual(['misaligned_image', 'missing_op']);
});
