//! Recognizes file systems on which SQLite's locks or shared memory do not work between machines.

use std::path::Path;

/// Magic numbers of statfs(2), Linux.
const BY_MAGIC: [(u64, &str); 17] = [
    (0x6969, "NFS"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x517B, "SMB"),
    (0x0102_1997, "9P"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
    (0x786F_4256, "vboxsf"),
    (0x7461_636F, "OCFS2"),
    (0x0116_1970, "GFS2"),
    (0x7375_7245, "Coda"),
    (0x1983_0326, "BeeGFS"),
    (0x4750_4653, "GPFS"),
    (0x564C, "NCP"),
    (0x2030_5052, "PVFS2"),
];
const FUSE: u64 = 0x6573_5546;

/// Types in `/proc/mounts`, for file systems that only their name identifies.
const BY_NAME: [(&str, &str); 27] = [
    ("nfs", "NFS"),
    ("nfs4", "NFS"),
    ("cifs", "CIFS"),
    ("smb3", "SMB2"),
    ("smbfs", "SMB"),
    ("9p", "9P"),
    ("afs", "AFS"),
    ("ceph", "Ceph"),
    ("lustre", "Lustre"),
    ("vboxsf", "vboxsf"),
    ("vmhgfs", "VMware shared folder"),
    ("prl_fs", "Parallels shared folder"),
    ("ocfs2", "OCFS2"),
    ("gfs", "GFS"),
    ("gfs2", "GFS2"),
    ("coda", "Coda"),
    ("beegfs", "BeeGFS"),
    ("gpfs", "GPFS"),
    ("ncpfs", "NCP"),
    ("ncp", "NCP"),
    ("pvfs2", "PVFS2"),
    ("orangefs", "OrangeFS"),
    ("glusterfs", "GlusterFS"),
    ("davfs", "WebDAV"),
    ("davfs2", "WebDAV"),
    ("virtiofs", "virtiofs"),
    ("panfs", "PanFS"),
];

/// FUSE programs for local disks. Every other one counts as a network file system: its locks cannot
/// be relied on.
const LOCAL_FUSE: [&str; 12] = [
    "fuseblk", // ntfs-3g, exfat-fuse and others, on a block device
    "fuse.ntfs-3g",
    "fuse.ntfs",
    "fuse.exfat",
    "fuse.ext2",
    "fuse.fuse2fs",
    "fuse.fuse-ext2",
    "fuse.lklfuse",
    "fuse.fuse-overlayfs",
    "fuse.gocryptfs",
    "fuse.encfs",
    "fuse.zfs",
];

/// The name of the network file system with this magic number and type in `/proc/mounts`; `None`
/// for a local one.
pub(super) fn network_kind(magic: u64, kind: Option<&str>) -> Option<String> {
    let kind = kind.unwrap_or_default();
    if let Some((_, name)) = BY_NAME.into_iter().find(|(known, _)| *known == kind) {
        return Some(name.to_owned());
    }
    if LOCAL_FUSE.contains(&kind) {
        return None;
    }
    if let Some(program) = kind.strip_prefix("fuse.") {
        return Some(format!("FUSE, {}", crate::domain::clean_line(program)));
    }
    if magic == FUSE || kind == "fuse" {
        return Some("FUSE".to_owned());
    }
    BY_MAGIC.into_iter().find(|(known, _)| *known == magic).map(|(_, name)| name.to_owned())
}

/// The network file system of `path`, or of its nearest existing folder; `None` if it is a local
/// one.
pub(super) fn network_file_system(path: &Path) -> Option<String> {
    let mut place = path.ancestors().map(|place| if place.as_os_str().is_empty() { Path::new(".") } else { place });
    let (place, found) = place.find_map(|place| Some((place, rustix::fs::statfs(place).ok()?)))?;
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // a magic number of 32 bits, whatever the type's width
    let magic = found.f_type as u64 & 0xFFFF_FFFF;
    network_kind(magic, type_of(&mounts, &place))
}

/// The type of the mount that contains `place`: the last one of the longest mount point.
fn type_of<'m>(mounts: &'m str, place: &Path) -> Option<&'m str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (words.next(), words.next()) else { continue };
        let point = unescape(point);
        let depth = Path::new(&point).components().count();
        if place.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// Undoes the octal escapes of `/proc/mounts`.
fn unescape(point: &str) -> String {
    ["\\040 ", "\\011\t", "\\012\n", "\\134\\"]
        .into_iter()
        .fold(point.to_owned(), |point, pair| point.replace(&pair[..4], &pair[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_distinguished_from_local_ones() {
        for (magic, kind, expected) in [
            (0x6969, Some("nfs4"), Some("NFS")),
            (0x6969, None, Some("NFS")),
            (0xFF53_4D42, Some("cifs"), Some("CIFS")),
            (0xFE53_4D42, Some("cifs"), Some("CIFS")),
            (0xFE53_4D42, None, Some("SMB2")),
            (0x517B, Some("smbfs"), Some("SMB")),
            (0x0102_1997, Some("9p"), Some("9P")),
            (0x5346_414F, None, Some("AFS")),
            (0x6B41_4653, Some("afs"), Some("AFS")),
            (0x00C3_6400, Some("ceph"), Some("Ceph")),
            (0x0BD0_0BD0, Some("lustre"), Some("Lustre")),
            (0x786F_4256, Some("vboxsf"), Some("vboxsf")),
            (0x7461_636F, None, Some("OCFS2")),
            (0x0116_1970, None, Some("GFS2")),
            (0x0116_1970, Some("gfs2"), Some("GFS2")),
            (0x1983_0326, Some("beegfs"), Some("BeeGFS")),
            (0x4750_4653, None, Some("GPFS")),
            (0x4750_4653, Some("gpfs"), Some("GPFS")),
            (FUSE, Some("virtiofs"), Some("virtiofs")),
            (FUSE, Some("fuse.sshfs"), Some("FUSE, sshfs")),
            (FUSE, Some("fuse.rclone"), Some("FUSE, rclone")),
            (FUSE, Some("fuse.glusterfs"), Some("FUSE, glusterfs")),
            (FUSE, Some("fuse.s3fs"), Some("FUSE, s3fs")),
            (FUSE, Some("fuse.ceph-fuse"), Some("FUSE, ceph-fuse")),
            (FUSE, Some("fuse.vmhgfs-fuse"), Some("FUSE, vmhgfs-fuse")),
            (FUSE, Some("fuse"), Some("FUSE")),
            (FUSE, None, Some("FUSE")),
            (FUSE, Some("fuseblk"), None),
            (FUSE, Some("fuse.ntfs-3g"), None),
            (FUSE, Some("fuse.fuse-overlayfs"), None),
            (0xEF53, Some("ext4"), None),
            (0x5846_5342, Some("xfs"), None),
            (0x9123_683E, Some("btrfs"), None),
            (0x0102_1994, Some("tmpfs"), None),
            (0x794C_7630, Some("overlay"), None),
            (0x2FC1_2FC1, Some("zfs"), None),
            (0xF2F5_2010, Some("f2fs"), None),
            (0x4244, Some("hfs"), None),
            (0x1234_5678, None, None),
        ] {
            assert_eq!(network_kind(magic, kind).as_deref(), expected, "{magic:x} {kind:?}");
        }
    }

    #[test]
    fn the_deepest_and_latest_mount_holds_a_path() {
        let mounts = "/dev/vda / ext4 rw 0 0\nhq:/data /data nfs4 rw 0 0\n/dev/vdb /data/local xfs rw 0 0\n\
                      me@hq: /mnt/a\\040b fuse.sshfs rw 0 0\nnone /over tmpfs rw 0 0\nhq:/x /over nfs rw 0 0\n";
        for (path, expected) in [
            ("/var/lib", "ext4"),
            ("/data/cdx", "nfs4"),
            ("/database", "ext4"),
            ("/data/local/cdx", "xfs"),
            ("/mnt/a b/cdx", "fuse.sshfs"),
            ("/over/x", "nfs"),
        ] {
            assert_eq!(type_of(mounts, Path::new(path)), Some(expected), "{path}");
        }
        assert_eq!(type_of("", Path::new("/")), None);
    }
}
