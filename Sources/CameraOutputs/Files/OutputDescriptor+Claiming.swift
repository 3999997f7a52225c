// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import SystemPackage

extension OutputDescriptor {
    /// Takes over an open descriptor, and keeps a regular file from this process's other parts and, by a lock, from programs
    /// that respect it.
    ///
    /// - Throws: `.busy`; the descriptor is closed then.
    convenience init(claiming number: Int32, name: String, _ operation: String) throws(CameraError) {
        let claim: FileClaim?
        do throws(CameraError) {
            claim = try Self.claim(number, operation, name)
        } catch {
            Glibc.close(number)
            throw error
        }
        self.init(number, name: name, claim: claim, isOwned: true)
    }

    private static func claim(_ number: Int32, _ operation: String, _ name: String) throws(CameraError) -> FileClaim? {
        guard let file = FileIdentity(descriptor: number) else { return nil }
        let claim = try FileClaim(file, for: .writing, operation, path: name)
        // Some file systems have no locks; there nothing keeps programs apart.
        guard Errno(rawValue: clinux_lock(number)) == .wouldBlock else { return claim }
        let holder = FileLocks.holder(of: file).map { "process \($0)" } ?? "another program"
        throw CameraError(
            .busy, operation, subject: name, reason: "\(holder) is writing it; end that, or choose another name")
    }
}
