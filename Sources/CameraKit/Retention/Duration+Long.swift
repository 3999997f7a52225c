// SPDX-License-Identifier: MIT

extension Duration {
    /// So many minutes.
    public static func minutes(_ minutes: some BinaryInteger) -> Duration { .seconds(60) * minutes }

    /// So many minutes.
    public static func minutes(_ minutes: Double) -> Duration { .seconds(60 * minutes) }

    /// So many hours.
    public static func hours(_ hours: some BinaryInteger) -> Duration { .seconds(3600) * hours }

    /// So many hours.
    public static func hours(_ hours: Double) -> Duration { .seconds(3600 * hours) }

    /// So many days of 24 hours.
    public static func days(_ days: some BinaryInteger) -> Duration { .seconds(86_400) * days }

    /// So many days of 24 hours.
    public static func days(_ days: Double) -> Duration { .seconds(86_400 * days) }
}
