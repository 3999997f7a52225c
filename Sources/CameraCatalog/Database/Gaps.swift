// SPDX-License-Identifier: MIT

internal import CameraCore
internal import GRDB

/// Finds the times between a camera's files, and why nothing was recorded then.
///
/// Gaps are not stored: a file that is found, repaired or deleted later would make them wrong. What is stored is why recordings
/// were interrupted.
struct Gaps {
    private let camera: Int64
    private let database: Database

    private struct Interruption {
        let start: WallTime
        let end: WallTime?
        let reason: CatalogGap.Reason
        let text: String?
    }

    /// How long before the end of its last file an interruption may have been told: the event may come first.
    private static let slack = Duration.seconds(5)

    init(of camera: Int64, in database: Database) {
        self.camera = camera
        self.database = database
    }

    /// The gaps that touch a span.
    ///
    /// - Parameters:
    ///   - files: The files with pictures of the span, the earliest first.
    ///   - from: The first moment.
    ///   - to: The moment behind the last.
    /// - Returns: The gaps, the earliest first.
    /// - Throws: What the database says.
    func between(_ files: [CatalogFile], from: WallTime, to: WallTime) throws -> [CatalogGap] {
        var gaps: [CatalogGap] = []
        // A file that reaches into the span is the first of them.
        var end = try database.lastFile(of: camera, before: from)?.end
        for file in files {
            add(from: end, to: file.start, into: &gaps)
            end = max(end ?? file.end, file.end)
        }
        if let last = end, last < to {
            let next = try database.firstFile(of: camera, from: max(last, to))
            if let next {
                add(from: last, to: next.start, into: &gaps)
            } else {
                // A file may be written there now.
                gaps.append(CatalogGap(start: last, end: nil, reason: .unknown))
            }
        }
        let known = try interruptions(of: gaps)
        return gaps.compactMap { gap in explained(gap, by: known) }
    }

    private func add(from start: WallTime?, to end: WallTime, into gaps: inout [CatalogGap]) {
        guard let start, start.distance(to: end) >= CatalogGap.shortest else { return }
        gaps.append(CatalogGap(start: start, end: end, reason: .unknown))
    }

    /// A gap with its reason; nil for one without an end of which nothing was told.
    private func explained(_ gap: CatalogGap, by interruptions: [Interruption]) -> CatalogGap? {
        let start = gap.start.advanced(by: .zero - Self.slack)
        let touching = interruptions.filter { interruption in
            (gap.end.map { interruption.start < $0 } ?? true) && (interruption.end ?? interruption.start) >= start
        }
        // What was deleted may have lain beside what never was.
        guard let cause = touching.first(where: { $0.reason != .deleted }) ?? touching.first else {
            return gap.end == nil ? nil : gap
        }
        return CatalogGap(start: gap.start, end: gap.end, reason: cause.reason, text: cause.text)
    }

    private func interruptions(of gaps: [CatalogGap]) throws -> [Interruption] {
        guard let first = gaps.first, let last = gaps.last else { return [] }
        let statement = try database.cachedStatement(
            sql: """
                SELECT begins, ends, reason, text FROM interruption
                WHERE cameraId = ? AND begins < ? AND coalesce(ends, begins) >= ? ORDER BY begins
                """)
        let start = first.start.advanced(by: .zero - Self.slack).nanosecondsSince1970
        let rows = try Row.fetchAll(
            statement, arguments: [camera, last.end?.nanosecondsSince1970 ?? .max, start])
        return rows.map { row in
            Interruption(
                start: WallTime(nanosecondsSince1970: row[0]),
                end: (row[1] as Int64?).map(WallTime.init(nanosecondsSince1970:)),
                reason: CatalogGap.Reason(rawValue: row[2]) ?? .unknown, text: row[3])
        }
    }
}
