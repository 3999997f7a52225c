// SPDX-License-Identifier: MIT

internal import Foundation

/// How long inputs are mutated, and from which seed on; taken from the environment, so that a run can be repeated.
///
/// `FUZZ_SECONDS` is the length of a run, ten seconds unless it is given. Each round has a seed of its own, one more than
/// the round before; a round that failed is the first of a run whose `FUZZ_SEED` is its seed.
public struct FuzzRun: Sendable {
    /// What is fuzzed, for what is printed.
    public let name: String
    /// The first round's seed.
    public let seed: UInt64
    private let length: Duration

    /// Reads the environment; the seed is a new one unless it is given.
    public init(_ name: String) {
        let environment = ProcessInfo.processInfo.environment
        self.name = name
        seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000_000)
        length = .seconds(environment["FUZZ_SECONDS"].flatMap(Int.init) ?? 10)
    }

    /// Runs rounds until the time is over, one at least, and prints how many inputs there were.
    ///
    /// - Parameter round: Mutates and tries some inputs; takes the round's numbers and how to repeat it, and gives the number
    ///   of inputs.
    public func rounds(_ round: (_ random: inout SeededRandom, _ repeating: String) throws -> Int) rethrows {
        let start = ContinuousClock.now
        var (count, inputs) = (UInt64(0), 0)
        print("fuzz \(name): FUZZ_SEED=\(seed)")
        repeat {
            let seed = seed &+ count
            var random = SeededRandom(seed: seed)
            inputs += try round(&random, "FUZZ_SEED=\(seed)")
            count += 1
        } while ContinuousClock.now - start < length
        print("fuzz \(name): \(inputs) inputs in \(count) rounds")
    }
}
