using Grid.Codec;

namespace Grid.Engine.Runtime;

/// <summary>
/// The activations of one grain type by key: one open-addressed table of references for each partition. Look-ups take no lock;
/// a look-up that races a change may miss, and the caller then asks again under the partition's lock.
/// </summary>
internal sealed class ActivationTable
{
    private readonly Stripe?[] _stripes = new Stripe?[Partitions.Count];

    internal int Count
    {
        get
        {
            var count = 0;
            foreach (var stripe in _stripes)
            {
                count += stripe?.Count ?? 0;
            }

            return count;
        }
    }

    internal long Turns
    {
        get
        {
            var turns = 0L;
            foreach (var stripe in _stripes)
            {
                turns += stripe?.Turns ?? 0;
            }

            return turns;
        }
    }

    internal Stripe? Peek(int partition) => Volatile.Read(ref _stripes[partition]);

    internal Stripe StripeOf(int partition)
    {
        var stripe = Volatile.Read(ref _stripes[partition]);
        if (stripe is null)
        {
            var made = new Stripe();
            stripe = Interlocked.CompareExchange(ref _stripes[partition], made, null) ?? made;
        }

        return stripe;
    }

    /// <summary>The activations of one partition, and the lock of all that is slow in them.</summary>
    internal sealed class Stripe
    {
        private const int FirstSlots = 2;

        private Activation?[] _slots = new Activation?[FirstSlots];

        /// <summary>Turns taken on the short path. Counted without a lock, so it may lag behind under contention.</summary>
        internal long Turns;

        internal int Count { get; private set; }

        /// <summary>The number of the last activation that left: what was read before it may be older than what it wrote. Under the lock.</summary>
        internal long LastDeparture { get; set; }

        internal Activation? Find(in GrainKey key)
        {
            var slots = Volatile.Read(ref _slots);
            var mask = slots.Length - 1;
            for (int i = (int)(key.Mix() >> 32) & mask, probes = slots.Length; probes > 0; i = (i + 1) & mask, probes--)
            {
                var activation = slots[i];
                if (activation is null || activation.HasKey(key))
                {
                    return activation;
                }
            }

            return null;
        }

        /// <summary>Adds an activation whose key is not there. Under the lock.</summary>
        internal void Add(Activation activation)
        {
            // Two thirds full at the most: a look-up then touches one and a half activations on average.
            if ((Count + 1) * 3 > _slots.Length * 2)
            {
                Grow();
            }

            Place(_slots, activation);
            Count++;
        }

        /// <summary>Takes an activation out, if it is there. Under the lock.</summary>
        internal void Remove(Activation activation)
        {
            var slots = _slots;
            var mask = slots.Length - 1;
            var hole = Home(activation, mask);
            while (!ReferenceEquals(slots[hole], activation))
            {
                if (slots[hole] is null)
                {
                    return;
                }

                hole = (hole + 1) & mask;
            }

            // Close the gap, so that no marks of removed entries are left to be walked over.
            for (var i = (hole + 1) & mask; slots[i] is { } next; i = (i + 1) & mask)
            {
                if (((i - Home(next, mask)) & mask) >= ((i - hole) & mask))
                {
                    slots[hole] = next;
                    hole = i;
                }
            }

            slots[hole] = null;
            Count--;
        }

        /// <summary>
        /// Takes out all activations in which nothing goes on, a city's worth in a blink, and copies those that stay. Under the lock.
        /// </summary>
        internal void DropIdle(List<Activation> left)
        {
            var from = left.Count;
            foreach (var activation in _slots)
            {
                if (activation is not null && !activation.TryDie())
                {
                    left.Add(activation);
                }
            }

            var slots = FirstSlots;
            while ((left.Count - from) * 3 > slots * 2)
            {
                slots *= 2;
            }

            var kept = new Activation?[slots];
            for (var i = from; i < left.Count; i++)
            {
                Place(kept, left[i]);
            }

            Count = left.Count - from;
            Volatile.Write(ref _slots, kept);
        }

        /// <summary>Copies the activations, for whoever walks over them. Under the lock.</summary>
        internal void CopyTo(List<Activation> target)
        {
            foreach (var activation in _slots)
            {
                if (activation is not null)
                {
                    target.Add(activation);
                }
            }
        }

        private static int Home(Activation activation, int mask) => (int)(activation.Key.Mix() >> 32) & mask;

        private static void Place(Activation?[] slots, Activation activation)
        {
            var mask = slots.Length - 1;
            var i = Home(activation, mask);
            while (slots[i] is not null)
            {
                i = (i + 1) & mask;
            }

            Volatile.Write(ref slots[i], activation);
        }

        private void Grow()
        {
            var larger = new Activation?[_slots.Length * 2];
            foreach (var activation in _slots)
            {
                if (activation is not null)
                {
                    Place(larger, activation);
                }
            }

            Volatile.Write(ref _slots, larger);
        }
    }
}
