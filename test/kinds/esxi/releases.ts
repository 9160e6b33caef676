/** What VMware's installer media of one release say in their boot.cfg. */
export interface Release {
  /** As people call it: `7.0U3g`. */
  readonly name: string
  readonly version: string
  readonly build: string
  /** What stands behind `build=`: empty before 7.0. */
  readonly buildLine: string
  readonly kernel: string
  readonly kernelopt: string
  readonly title: string
  /** In boot order, lower case, without the slash that stands before each. */
  readonly modules: readonly string[]
  /** Whether each module has a slash before it; 9.1 has one before the kernel alone. */
  readonly slashes: boolean
}

interface Listed extends Omit<Release, 'title' | 'modules' | 'slashes'> {
  readonly slashes?: boolean
  readonly modules: string
}

function release(listed: Listed): Release {
  const modules = listed.modules.trim().split(/\s+/)
  return { slashes: true, ...listed, title: 'Loading ESXi installer', modules }
}

/**
 * The releases whose module lists are known, the oldest first. For 6.5 and 6.7 the build is that of the update's first release: their
 * boot.cfg does not tell it.
 */
export const RELEASES: readonly Release[] = [
  release({
    name: '6.5U1',
    version: '6.5.0',
    build: '5969303',
    buildLine: '',
    kernel: 'tboot.b00',
    kernelopt: 'runweasel cdromBoot',
    modules: `
      b.b00 jumpstrt.gz useropts.gz features.gz k.b00 chardevs.b00 a.b00 user.b00 uc_intel.b00 uc_amd.b00
      sb.v00 s.v00 ata_liba.v00 ata_pata.v00 ata_pata.v01 ata_pata.v02 ata_pata.v03 ata_pata.v04 ata_pata.v05
      ata_pata.v06 ata_pata.v07 block_cc.v00 char_ran.v00 ehci_ehc.v00 elxnet.v00 hid_hid.v00 i40en.v00
      igbn.v00 ima_qla4.v00 ipmi_ipm.v00 ipmi_ipm.v01 ipmi_ipm.v02 ixgben.v00 lpfc.v00 lsi_mr3.v00
      lsi_msgp.v00 lsi_msgp.v01 misc_cni.v00 misc_dri.v00 mtip32xx.v00 ne1000.v00 nenic.v00 net_bnx2.v00
      net_bnx2.v01 net_cdc_.v00 net_cnic.v00 net_e100.v00 net_e100.v01 net_enic.v00 net_fcoe.v00 net_forc.v00
      net_igb.v00 net_ixgb.v00 net_libf.v00 net_mlx4.v00 net_mlx4.v01 net_nx_n.v00 net_tg3.v00 net_usbn.v00
      net_vmxn.v00 nhpsa.v00 nmlx4_co.v00 nmlx4_en.v00 nmlx4_rd.v00 nmlx5_co.v00 ntg3.v00 nvme.v00
      nvmxnet3.v00 ohci_usb.v00 pvscsi.v00 qedentv.v00 qfle3.v00 qflge.v00 qlnative.v00 sata_ahc.v00
      sata_ata.v00 sata_sat.v00 sata_sat.v01 sata_sat.v02 sata_sat.v03 sata_sat.v04 scsi_aac.v00 scsi_adp.v00
      scsi_aic.v00 scsi_bnx.v00 scsi_bnx.v01 scsi_fni.v00 scsi_hps.v00 scsi_ips.v00 scsi_isc.v00 scsi_lib.v00
      scsi_meg.v00 scsi_meg.v01 scsi_meg.v02 scsi_mpt.v00 scsi_mpt.v01 scsi_mpt.v02 scsi_qla.v00 shim_isc.v00
      shim_isc.v01 shim_lib.v00 shim_lib.v01 shim_lib.v02 shim_lib.v03 shim_lib.v04 shim_lib.v05 shim_vmk.v00
      shim_vmk.v01 shim_vmk.v02 uhci_usb.v00 usb_stor.v00 usbcore_.v00 vmkata.v00 vmkplexe.v00 vmkusb.v00
      vmw_ahci.v00 xhci_xhc.v00 emulex_e.v00 weaselin.t00 esx_dvfi.v00 esx_ui.v00 lsu_hp_h.v00 lsu_lsi_.v00
      lsu_lsi_.v01 lsu_lsi_.v02 lsu_lsi_.v03 native_m.v00 rste.v00 vmware_e.v00 vsan.v00 vsanheal.v00
      vsanmgmt.v00 tools.t00 xorg.v00 imgdb.tgz imgpayld.tgz
    `,
  }),
  release({
    name: '6.7U1',
    version: '6.7.0',
    build: '10302608',
    buildLine: '',
    kernel: 'b.b00',
    kernelopt: 'cdromBoot runweasel',
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 chardevs.b00 user.b00 procfs.b00 uc_intel.b00 uc_amd.b00
      uc_hygon.b00 vmx.v00 vim.v00 sb.v00 s.v00 ata_liba.v00 ata_pata.v00 ata_pata.v01 ata_pata.v02
      ata_pata.v03 ata_pata.v04 ata_pata.v05 ata_pata.v06 ata_pata.v07 block_cc.v00 bnxtnet.v00 bnxtroce.v00
      brcmfcoe.v00 char_ran.v00 ehci_ehc.v00 elxiscsi.v00 elxnet.v00 hid_hid.v00 i40en.v00 iavmd.v00 igbn.v00
      ima_qla4.v00 ipmi_ipm.v00 ipmi_ipm.v01 ipmi_ipm.v02 iser.v00 ixgben.v00 lpfc.v00 lpnic.v00 lsi_mr3.v00
      lsi_msgp.v00 lsi_msgp.v01 lsi_msgp.v02 misc_cni.v00 misc_dri.v00 mtip32xx.v00 ne1000.v00 nenic.v00
      net_bnx2.v00 net_bnx2.v01 net_cdc_.v00 net_cnic.v00 net_e100.v00 net_e100.v01 net_enic.v00 net_fcoe.v00
      net_forc.v00 net_igb.v00 net_ixgb.v00 net_libf.v00 net_mlx4.v00 net_mlx4.v01 net_nx_n.v00 net_tg3.v00
      net_usbn.v00 net_vmxn.v00 nfnic.v00 nhpsa.v00 nmlx4_co.v00 nmlx4_en.v00 nmlx4_rd.v00 nmlx5_co.v00
      nmlx5_rd.v00 ntg3.v00 nvme.v00 nvmxnet3.v00 nvmxnet3.v01 ohci_usb.v00 pvscsi.v00 qcnic.v00 qedentv.v00
      qfle3.v00 qfle3f.v00 qfle3i.v00 qflge.v00 sata_ahc.v00 sata_ata.v00 sata_sat.v00 sata_sat.v01
      sata_sat.v02 sata_sat.v03 sata_sat.v04 scsi_aac.v00 scsi_adp.v00 scsi_aic.v00 scsi_bnx.v00 scsi_bnx.v01
      scsi_fni.v00 scsi_hps.v00 scsi_ips.v00 scsi_isc.v00 scsi_lib.v00 scsi_meg.v00 scsi_meg.v01 scsi_meg.v02
      scsi_mpt.v00 scsi_mpt.v01 scsi_mpt.v02 scsi_qla.v00 shim_isc.v00 shim_isc.v01 shim_lib.v00 shim_lib.v01
      shim_lib.v02 shim_lib.v03 shim_lib.v04 shim_lib.v05 shim_vmk.v00 shim_vmk.v01 shim_vmk.v02 smartpqi.v00
      uhci_usb.v00 usb_stor.v00 usbcore_.v00 vmkata.v00 vmkfcoe.v00 vmkplexe.v00 vmkusb.v00 vmw_ahci.v00
      xhci_xhc.v00 elx_esx_.v00 btldr.t00 esx_dvfi.v00 esx_ui.v00 esxupdt.v00 weaselin.t00 lsu_hp_h.v00
      lsu_inte.v00 lsu_lsi_.v00 lsu_lsi_.v01 lsu_lsi_.v02 lsu_lsi_.v03 lsu_smar.v00 native_m.v00 qlnative.v00
      rste.v00 vmware_e.v00 vsan.v00 vsanheal.v00 vsanmgmt.v00 tools.t00 xorg.v00 imgdb.tgz imgpayld.tgz
    `,
  }),
  release({
    name: '7.0.0b',
    version: '7.0.0',
    build: '15843807',
    buildLine: '7.0.0-1.0.15843807',
    kernel: 'b.b00',
    kernelopt: 'runweasel cdromBoot',
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 uc_intel.b00 uc_amd.b00 uc_hygon.b00 procfs.b00 vmx.v00
      vim.v00 tpm.v00 sb.v00 s.v00 bnxtnet.v00 bnxtroce.v00 brcmfcoe.v00 brcmnvme.v00 elxiscsi.v00 elxnet.v00
      i40en.v00 i40iwn.v00 iavmd.v00 igbn.v00 iser.v00 ixgben.v00 lpfc.v00 lpnic.v00 lsi_mr3.v00 lsi_msgp.v00
      lsi_msgp.v01 lsi_msgp.v02 mtip32xx.v00 ne1000.v00 nenic.v00 nfnic.v00 nhpsa.v00 nmlx4_co.v00
      nmlx4_en.v00 nmlx4_rd.v00 nmlx5_co.v00 nmlx5_rd.v00 ntg3.v00 nvme_pci.v00 nvmerdma.v00 nvmxnet3.v00
      nvmxnet3.v01 pvscsi.v00 qcnic.v00 qedentv.v00 qedrntv.v00 qfle3.v00 qfle3f.v00 qfle3i.v00 qflge.v00
      rste.v00 sfvmk.v00 smartpqi.v00 vmkata.v00 vmkfcoe.v00 vmkusb.v00 vmw_ahci.v00 crx.v00 elx_esx_.v00
      btldr.v00 esx_dvfi.v00 esx_ui.v00 esxupdt.v00 tpmesxup.v00 weaselin.v00 loadesx.v00 lsuv2_hp.v00
      lsuv2_in.v00 lsuv2_ls.v00 lsuv2_nv.v00 lsuv2_oe.v00 lsuv2_oe.v01 lsuv2_oe.v02 lsuv2_sm.v00 native_m.v00
      qlnative.v00 vdfs.v00 vmware_e.v00 vsan.v00 vsanheal.v00 vsanmgmt.v00 tools.t00 xorg.v00 imgdb.tgz
      imgpayld.tgz
    `,
  }),
  release({
    name: '7.0U3g',
    version: '7.0.3',
    build: '20328353',
    buildLine: '7.0.3-0.55.20328353',
    kernel: 'b.b00',
    kernelopt: 'runweasel cdromBoot',
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 uc_intel.b00 uc_amd.b00 uc_hygon.b00 procfs.b00 vmx.v00
      vim.v00 tpm.v00 sb.v00 s.v00 atlantic.v00 bnxtnet.v00 bnxtroce.v00 brcmfcoe.v00 elxiscsi.v00 elxnet.v00
      i40en.v00 iavmd.v00 icen.v00 igbn.v00 ionic_en.v00 irdman.v00 iser.v00 ixgben.v00 lpfc.v00 lpnic.v00
      lsi_mr3.v00 lsi_msgp.v00 lsi_msgp.v01 lsi_msgp.v02 mtip32xx.v00 ne1000.v00 nenic.v00 nfnic.v00 nhpsa.v00
      nmlx4_co.v00 nmlx4_en.v00 nmlx4_rd.v00 nmlx5_co.v00 nmlx5_rd.v00 ntg3.v00 nvme_pci.v00 nvmerdma.v00
      nvmetcp.v00 nvmxnet3.v00 nvmxnet3.v01 pvscsi.v00 qcnic.v00 qedentv.v00 qedrntv.v00 qfle3.v00 qfle3f.v00
      qfle3i.v00 qflge.v00 rste.v00 sfvmk.v00 smartpqi.v00 vmkata.v00 vmkfcoe.v00 vmkusb.v00 vmw_ahci.v00
      bmcal.v00 crx.v00 elx_esx_.v00 btldr.v00 esx_dvfi.v00 esx_ui.v00 esxupdt.v00 tpmesxup.v00 weaselin.v00
      esxio_co.v00 loadesx.v00 lsuv2_hp.v00 lsuv2_in.v00 lsuv2_ls.v00 lsuv2_nv.v00 lsuv2_oe.v00 lsuv2_oe.v01
      lsuv2_oe.v02 lsuv2_sm.v00 native_m.v00 qlnative.v00 trx.v00 vdfs.v00 vmware_e.v00 vsan.v00 vsanheal.v00
      vsanmgmt.v00 tools.t00 xorg.v00 gc.v00 imgdb.tgz basemisc.tgz resvibs.tgz imgpayld.tgz
    `,
  }),
  release({
    name: '8.0U2',
    version: '8.0.2',
    build: '22380479',
    buildLine: '8.0.2-0.0.22380479',
    kernel: 'b.b00',
    kernelopt: 'runweasel cdromBoot',
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 uc_intel.b00 uc_amd.b00 uc_hygon.b00 procfs.b00 vmx.v00
      vim.v00 tpm.v00 sb.v00 s.v00 atlantic.v00 bcm_mpi3.v00 bnxtnet.v00 bnxtroce.v00 brcmfcoe.v00
      cndi_igc.v00 dwi2c.v00 elxiscsi.v00 elxnet.v00 i40en.v00 iavmd.v00 icen.v00 igbn.v00 intelgpi.v00
      ionic_cl.v00 ionic_en.v00 irdman.v00 iser.v00 ixgben.v00 lpfc.v00 lpnic.v00 lsi_mr3.v00 lsi_msgp.v00
      lsi_msgp.v01 lsi_msgp.v02 mtip32xx.v00 ne1000.v00 nenic.v00 nfnic.v00 nhpsa.v00 nipmi.v00 nmlx5_cc.v00
      nmlx5_co.v00 nmlx5_rd.v00 ntg3.v00 nvme_pci.v00 nvmerdma.v00 nvmetcp.v00 nvmxnet3.v00 nvmxnet3.v01
      pvscsi.v00 qcnic.v00 qedentv.v00 qedrntv.v00 qfle3.v00 qfle3f.v00 qfle3i.v00 qflge.v00 rdmahl.v00
      rste.v00 sfvmk.v00 smartpqi.v00 vmkata.v00 vmksdhci.v00 vmkusb.v00 vmw_ahci.v00 bmcal.v00 clusters.v00
      crx.v00 drivervm.v00 elx_esx_.v00 btldr.v00 esx_dvfi.v00 esx_ui.v00 esxupdt.v00 tpmesxup.v00
      weaselin.v00 esxio_co.v00 infravis.v00 loadesx.v00 lsuv2_hp.v00 lsuv2_in.v00 lsuv2_ls.v00 lsuv2_nv.v00
      lsuv2_oe.v00 lsuv2_oe.v01 lsuv2_sm.v00 native_m.v00 qlnative.v00 trx.v00 vdfs.v00 vds_vsip.v00
      vmware_e.v00 hbrsrv.v00 vsan.v00 vsanheal.v00 vsanmgmt.v00 tools.t00 xorg.v00 gc.v00 imgdb.tgz
      basemisc.tgz resvibs.tgz esxiodpt.tgz imgpayld.tgz
    `,
  }),
  release({
    name: '8.0U3b',
    version: '8.0.3',
    build: '24280767',
    buildLine: '8.0.3-0.35.24280767',
    kernel: 'b.b00',
    kernelopt: 'runweasel cdromBoot',
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 uc_intel.b00 uc_amd.b00 uc_hygon.b00 procfs.b00 vmx.v00
      vim.v00 tpm.v00 sb.v00 s.v00 atlantic.v00 bcm_mpi3.v00 bnxtnet.v00 bnxtroce.v00 brcmfcoe.v00
      cndi_igc.v00 dwi2c.v00 elxiscsi.v00 elxnet.v00 i40en.v00 iavmd.v00 icen.v00 igbn.v00 intelgpi.v00
      ionic_cl.v00 ionic_en.v00 irdman.v00 iser.v00 ixgben.v00 lpfc.v00 lpnic.v00 lsi_mr3.v00 lsi_msgp.v00
      lsi_msgp.v01 lsi_msgp.v02 mtip32xx.v00 ne1000.v00 nenic.v00 nfnic.v00 nhpsa.v00 nipmi.v00 nmlx5_cc.v00
      nmlx5_co.v00 nmlx5_rd.v00 ntg3.v00 nvme_pci.v00 nvmerdma.v00 nvmetcp.v00 nvmxnet3.v00 nvmxnet3.v01
      pvscsi.v00 qcnic.v00 qedentv.v00 qedrntv.v00 qfle3.v00 qfle3f.v00 qfle3i.v00 qflge.v00 rdmahl.v00
      rshim_ne.v00 rshim.v00 rste.v00 sfvmk.v00 smartpqi.v00 vmkata.v00 vmksdhci.v00 vmkusb.v00 vmw_ahci.v00
      bmcal.v00 clusters.v00 crx.v00 drivervm.v00 elx_esx_.v00 btldr.v00 dvfilter.v00 esx_ui.v00 esxupdt.v00
      tpmesxup.v00 weaselin.v00 esxio_co.v00 infravis.v00 loadesx.v00 lsuv2_hp.v00 lsuv2_in.v00 lsuv2_ls.v00
      lsuv2_nv.v00 lsuv2_oe.v00 lsuv2_oe.v01 lsuv2_sm.v00 native_m.v00 qlnative.v00 trx.v00 vcls_pod.v00
      vdfs.v00 vds_vsip.v00 vmware_e.v00 hbrsrv.v00 vsan.v00 vsanheal.v00 vsanmgmt.v00 tools.t00 xorg.v00
      gc.v00 imgdb.tgz basemisc.tgz resvibs.tgz esxiodpt.tgz imgpayld.tgz
    `,
  }),
  release({
    name: '9.1.1',
    version: '9.1.1',
    build: '25714478',
    buildLine: '9.1.1-0.25714478',
    kernel: 'b.b00',
    kernelopt: 'runweasel cdromBoot',
    slashes: false,
    modules: `
      jumpstrt.gz useropts.gz features.gz k.b00 uc_intel.b00 uc_amd.b00 uc_hygon.b00 vmx.v00 vim.v00 tpm.v00
      sb.v00 s.v00 atlantic.v00 bcm_mpi3.v00 bnxtnet.v00 bnxtroce.v00 cndi_igc.v00 elxnet.v00 i40en.v00
      iavmd.v00 icen.v00 igbn.v00 intelgpi.v00 ionic_cl.v00 ionic_en.v00 irdman.v00 iser.v00 ixgben.v00
      lpfc.v00 lpnic.v00 lsi_mr3.v00 lsi_msgp.v00 lsi_msgp.v01 ne1000.v00 nenic_en.v00 nenic.v00 nfnic.v00
      nhpsa.v00 nipmi.v00 nmlx5_cc.v00 nmlx5_co.v00 nmlx5_rd.v00 ntg3.v00 nvme_pci.v00 nvmerdma.v00
      nvmetcp.v00 nvmxnet3.v00 nvmxnet3.v01 pvscsi.v00 qat.v00 qcnic.v00 qedentv.v00 qedrntv.v00 qfle3.v00
      qfle3f.v00 qfle3i.v00 rdmahl.v00 rshim_ne.v00 rshim.v00 sfvmk.v00 smartpqi.v00 vmkata.v00 vmksdhci.v00
      vmkusb.v00 vmw_ahci.v00 bmcal.v00 clusters.v00 crx.v00 drivervm.v00 btldr.v00 dvfilter.v00 esx_ui.v00
      esxupdt.v00 tpmesxup.v00 weaselin.v00 xorg.v00 esxio_co.v00 infravis.v00 loadesx.v00 hpv2_hps.v00
      intelv2_.v00 lsiv2_dr.v00 nvme_pci.v01 oem_dell.v00 oem_leno.v00 smartpqi.v01 native_m.v00 nsx_pyth.v01
      podvm_ro.v00 qlnative.v00 trx.v00 vcls_pod.v00 vdfs.v00 vds_vsip.v00 vmware_e.v00 vmware_f.v00
      hbrsrv.v00 vsan.v00 vsanheal.v00 vsanmgmt.v00 tools.t00 qp_esx_d.v00 nsx_adf.v00 nsx_cfga.v00
      nsx_cont.v00 nsx_cpp_.v00 nsx_esx_.v00 nsx_expo.v00 nsx_head.v00 nsx_host.v00 nsx_moni.v00 nsx_mpa.v00
      nsx_nest.v00 nsx_neto.v00 nsx_opsa.v00 nsx_plat.v00 nsx_prot.v00 nsx_prox.v00 nsx_pyth.v00 nsx_pyth.v02
      nsx_scx.v00 nsx_sfhc.v00 nsx_shar.v00 nsx_snpr.v00 nsxcli.v00 vsipfwli.v00 gc.v00 imgdb.tgz basemisc.tgz
      resvibs.tgz esxiodpt.tgz imgpayld.tgz
    `,
  }),
]

/** A release by its name. */
export function releaseNamed(name: string): Release {
  const found = RELEASES.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no list of ${name}`)
  return found
}

/** The boot.cfg of a release as it lies on its medium. */
export function stockBootCfg(one: Release): string {
  const modules = one.modules.map((module) => (one.slashes ? `/${module}` : module)).join(' --- ')
  return [
    'bootstate=0',
    `title=${one.title}`,
    'timeout=5',
    'prefix=',
    `kernel=/${one.kernel}`,
    `kernelopt=${one.kernelopt}`,
    `modules=${modules}`,
    `build=${one.buildLine}`,
    'updated=0',
    '',
  ].join('\n')
}
