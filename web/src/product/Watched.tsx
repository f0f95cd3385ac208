import { Way } from '../deployment/Crossing';
import { Run } from '../deployment/Run';
import { useDeployment } from '../deployment/useDeployment';
import * as t from '../messages/en';
import { Loaded } from '../ui/Loaded';
import type { ProductDetail } from './documents';

/** The way of a product to live, as it goes on. */
export default function Watched({
  id,
  product,
  again,
  after,
}: {
  id: string;
  product: ProductDetail;
  again: () => void;
  after: () => void;
}) {
  const { deployment, steps, ...read } = useDeployment(id, after);
  return (
    <Loaded
      {...read}
      data={deployment ?? undefined}
      skeleton={<Way product={product} percent={0} message={t.status.starting} />}
    >
      {(deployment) => <Run deployment={deployment} steps={steps} linked onAgain={again} />}
    </Loaded>
  );
}
