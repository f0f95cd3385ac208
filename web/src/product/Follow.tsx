import { usePlace } from '../shell/context';
import { useChanges } from '../upcoming/useChanges';

/** Has a product looked at again once one of its deployments has moved; shows nothing itself. */
export default function Follow({ product, moved }: { product: string; moved: () => void }) {
  useChanges(usePlace().tenant.id, moved, product);
  return null;
}
